/**
 * A contestant's process: `node process.ts <name>`, started by `startContestant`, answering its requests in order.
 *
 * Each contestant has a process of its own because flushing denormals, which Fovea's backend does, is a switch of the
 * whole thread: in Fovea's process tfjs's wasm, which cannot flush by itself, would be given it. `tfjsTransposedFlushed` is
 * given it on purpose, to show what part of the difference it is.
 */
import { NodeRuntime } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import { flushDenormals } from "../../../src/layers/backend/onnx/flushDenormals.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerTfjsWasm } from "../../../src/layers/backend/tfjs/tfjs.ts"
import { timed } from "../harness.ts"
import { type ContestantName, contestantNames, type Losses, type Reply, type Request } from "./Contestant.ts"
import { foveaContestant } from "./fovea.ts"
import { systemContestant } from "./system.ts"
import { tfjsContestant } from "./tfjs.ts"

const start = (name: ContestantName, parameters: NamedTensors | undefined) => {
  if (isSystem(name)) return Effect.provide(systemContestant(name.slice("system:".length)), layerOnnxRuntime)
  switch (name) {
    case "fovea":
      return Effect.provide(foveaContestant(parameters), layerOnnxRuntime)
    case "foveaOnWasm":
      return Effect.provide(foveaContestant(parameters), layerTfjsWasm)
    case "tfjsStock":
      return tfjsContestant("stock", parameters)
    case "tfjsTransposed":
      return tfjsContestant("transposed", parameters)
    case "tfjsTransposedFlushed":
      return Effect.andThen(flushDenormals, tfjsContestant("transposed", parameters))
  }
}

const isSystem = (name: string): name is `system:${string}` => name.startsWith("system:")

const reply = (message: Reply): Effect.Effect<void> => Effect.sync(() => void process.send?.(message))

const serve = Effect.gen(function* () {
  const [, , asked = ""] = process.argv
  const name = isSystem(asked) ? asked : contestantNames.find((known) => known === asked)
  if (name === undefined || process.send === undefined) {
    return yield* Effect.die(new Error(`usage: forked with one of ${contestantNames.join(", ")} as argument`))
  }
  const requests = yield* Queue.unbounded<Request>()
  // The benchmark is the only one at the other end of the channel.
  process.on("message", (message) => Queue.offerUnsafe(requests, message as Request))
  const first = yield* Queue.take(requests)
  if (first.kind !== "begin") return yield* Effect.die(new Error("the first request must be to begin"))
  const contestant = yield* start(name, first.parameters)
  let next = first.at
  yield* reply({ kind: "ready" })
  while (true) {
    const request = yield* Queue.take(requests)
    if (request.kind === "run") {
      let losses: Losses | undefined
      const before = process.cpuUsage()
      const times = yield* timed(request, () => Effect.map(contestant.update(next++), (found) => (losses ??= found)))
      const { user, system } = process.cpuUsage(before)
      const cpuMs = (user + system) / 1000 / times.length
      const peakRssMiB = Math.round(process.resourceUsage().maxRSS / 1024)
      yield* reply({ kind: "ran", times, cpuMs, losses: losses ?? [], peakRssMiB })
    } else if (request.kind === "parameters") {
      yield* reply({ kind: "parameters", tensors: yield* contestant.parameters })
    }
  }
}).pipe(Effect.scoped)

process.on("disconnect", () => process.exit(0))
NodeRuntime.runMain(serve)

import * as Effect from "effect/Effect"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import type { Losses } from "../contestants/Contestant.ts"
import { type ContestantError, startContestant } from "../contestants/startContestant.ts"
import {
  inFloat32,
  missingFor,
  type PythonEngine,
  type PythonWork,
  pythonEngines,
  stacked,
  startPython
} from "../contestants/startPython.ts"
import { interleave, ratioByRound, summarise } from "../harness.ts"
import { paperTraining } from "../paperTraining.ts"
import { peerNoise } from "../peers/sameModel.ts"
import type { BenchResult } from "../result.ts"
import { age, agedParameters, type Effort, largestDifference, warmUp } from "./update.ts"

/** Updates whose images and latents the peers are given; they take them in turn. */
const updatesGiven = 16

/**
 * The same update by JAX and PyTorch on as many threads as there are cores, in turns with Fovea. All draw their latents in
 * the time measured, each by its own generator (after a first update on the same ones, whose losses are compared); Fovea
 * gathers its images as well, which the peers find in memory. What is not installed is told of.
 */
export const measurePythonPeers = ({ rounds, seconds }: Effort) =>
  Effect.gen(function* () {
    const names = Object.keys(pythonEngines) as Array<PythonEngine>
    const absent = Object.fromEntries(
      names.flatMap((name) => {
        const reason = missingFor(name)
        return reason === undefined ? [] : [[name, reason]]
      })
    )
    const present = names.filter((name) => absent[name] === undefined)
    const parameters = yield* agedParameters
    const work = yield* workFor(inFloat32(parameters))
    const fovea = yield* startContestant("fovea", { at: age, parameters })
    const peers = yield* Effect.all(Object.fromEntries(present.map((name) => [name, startPython(name, work)])))
    const contestants: Readonly<Record<string, Contender>> = { fovea, ...peers }
    const first = yield* Effect.all(
      mapRecord(contestants, ({ run }) =>
        Effect.map(run({ most: warmUp, seconds: Number.POSITIVE_INFINITY }), ({ losses }) => losses)
      ),
      { concurrency: 1 }
    )
    // JAX's and PyTorch's thread pools take some updates to settle.
    yield* Effect.all(
      mapRecord(contestants, ({ run }) => run({ most: 30, seconds: 20, draw: true })),
      { concurrency: 1 }
    )
    const limit = { most: Number.POSITIVE_INFINITY, seconds, draw: true }
    const cpu = mapRecord(contestants, (): Array<ReadonlyArray<number>> => [])
    const times = yield* interleave(
      rounds,
      mapRecord(contestants, ({ run }, name) =>
        Effect.map(run(limit), ({ times, cpuMs }) => {
          cpu[name]?.push([cpuMs])
          return times
        })
      )
    )
    const timesOf = (name: string) => times[name] ?? []
    const measured = Effect.fnUntraced(function* (name: string) {
      const summary = summarise(timesOf(name).flat())
      const last = yield* (contestants[name] ?? fovea).run({ most: 1, seconds: 0, draw: true })
      return {
        ms: summary.median,
        summary,
        /** How many times as long as Fovea. */
        ratio: ratioByRound(timesOf(name), timesOf("fovea")),
        cpu: summarise((cpu[name] ?? []).flat()),
        cpuRatio: ratioByRound(cpu[name] ?? [], cpu["fovea"] ?? []),
        lossDifference: largestDifference(first[name] ?? [0, 0], first["fovea"] ?? [0, 0]),
        peakRssMiB: last.peakRssMiB
      }
    })
    const result: NonNullable<BenchResult["python"]> = {
      fovea: yield* measured("fovea"),
      peers: yield* Effect.all(Object.fromEntries(present.map((name) => [name, measured(name)]))),
      absent
    }
    return result
  }).pipe(Effect.scoped)

/** Whoever does updates when asked. */
interface Contender {
  readonly run: (limit: { readonly most: number; readonly seconds: number; readonly draw?: boolean }) => Effect.Effect<
    {
      readonly times: ReadonlyArray<number>
      readonly cpuMs: number
      readonly losses: Losses
      readonly peakRssMiB: number
    },
    ContestantError
  >
}

const workFor = Effect.fnUntraced(function* (parameters: PythonWork["parameters"]) {
  const { makeProgram, imagesOf, seed, batchSize } = yield* paperTraining
  const noise = peerNoise(makeProgram())
  const updates = Array.from({ length: updatesGiven }, (_, i) => age + i)
  const latents = updates.map((step) => {
    const { discriminator, generator } = noise({ seed, step })
    return [discriminator, generator]
  })
  const latentSize = (latents[0]?.[0]?.length ?? 0) / 6 / batchSize
  const work: PythonWork = {
    parameters,
    images: stacked(
      updates.map((step) => [Float32Array.from(imagesOf(step).values)]),
      [batchSize, 28, 28]
    ),
    latents: stacked(latents, [2, 6, batchSize, latentSize])
  }
  return work
})

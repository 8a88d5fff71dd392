import * as Effect from "effect/Effect"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { drawNoise, noiseSources } from "../../../src/layers/backend/validation.ts"
import type { Losses } from "../contestants/Contestant.ts"
import { startContestant } from "../contestants/startContestant.ts"
import { inFloat32, missingFor, type PythonEngine, pythonEngines, startSystemPeer } from "../contestants/startPython.ts"
import { interleave, ratioByRound, summarise } from "../harness.ts"
import type { BenchResult } from "../result.ts"
import { type System, systems } from "../systems.ts"
import { type Effort, largestDifference } from "./update.ts"

type SystemsResult = NonNullable<BenchResult["systems"]>

/** What a peer is told of a system, and the numbers of its first updates: inputs and the random numbers that Fovea draws. */
export const peerWork = (name: string, { program, state, inputs, seed, players, ema, momentOf }: System) => {
  const sources = noiseSources(program)
  const noise = Object.fromEntries(
    sources.map(({ parameters: { stream, distribution, shape } }) => [stream, { ...distribution, shape }])
  )
  const moments = new Set(Object.keys(state).flatMap((path) => momentOf(path) ?? []))
  const parameters = Object.fromEntries(Object.entries(inFloat32(state)).filter(([path]) => moments.has(path)))
  const batches = inputs.map((batch, step) => ({
    ...inFloat32(batch),
    ...mapRecord(drawNoise(sources, { seed, step }), (values, stream) => ({
      shape: sources.find(({ parameters }) => parameters.stream === stream)?.shape ?? [],
      values
    }))
  }))
  return { setup: { system: name, noise, players, ...(ema === undefined ? {} : { ema }) }, parameters, batches }
}

/** Why an engine cannot train a system, or `undefined`. */
const unableTo = (engine: PythonEngine, name: string): string | undefined => {
  if (engine !== "torch-compiled") return missingFor(engine)
  if (name.startsWith("modern")) return "torch.compile has no second derivatives, which the gradient penalty takes"
  // More than five minutes of processor time on two cores with AVX-512, given up.
  return name === "draw, 64 glimpses" ? "torch.compile takes minutes over 64 glimpses" : missingFor(engine)
}

/**
 * An update of each system by Fovea and by its peers in Python, in turns; all draw their random numbers in the time measured and find their
 * inputs in memory. The first losses, from the same parameters and random numbers, are compared. `names` are those of `systems`.
 */
export const measureSystems = (effort: Effort, names: ReadonlyArray<string>) =>
  Effect.forEach(names, (name) => measureSystem(name, effort), { concurrency: 1 })

const measureSystem = (name: string, { rounds, seconds }: Effort) =>
  Effect.gen(function* () {
    const made = systems[name]
    if (made === undefined) return yield* Effect.die(new Error(`there is no system ${name}`))
    const { setup, parameters, batches } = peerWork(name, yield* made)
    const engines = Object.keys(pythonEngines) as Array<PythonEngine>
    const absent = Object.fromEntries(
      engines.flatMap((engine) => {
        const reason = unableTo(engine, name)
        return reason === undefined ? [] : [[engine, reason]]
      })
    )
    const fovea = yield* startContestant(`system:${name}`, { at: 0 })
    const present = engines.filter((engine) => absent[engine] === undefined)
    const peers = yield* Effect.all(
      Object.fromEntries(present.map((engine) => [engine, startSystemPeer(engine, setup, { parameters, batches })])),
      { concurrency: 1 }
    )
    const contestants: Readonly<Record<string, Pick<typeof fovea, "run">>> = {
      fovea,
      ...mapRecord(peers, ({ run }) => ({
        run: (limit: { readonly most: number; readonly seconds: number }) =>
          Effect.map(run({ ...limit, draw: true }), (ran) => ({ kind: "ran" as const, ...ran }))
      }))
    }
    const first: Readonly<Record<string, Losses>> = {
      ...(yield* Effect.all(
        mapRecord(peers, ({ run }) => Effect.map(run({ most: 1, seconds: 0 }), ({ losses }) => losses)),
        {
          concurrency: 1
        }
      )),
      fovea: (yield* fovea.run({ most: 1, seconds: 0 })).losses
    }
    // Compiling, and thread pools, take some updates to settle.
    yield* Effect.all(
      mapRecord(contestants, ({ run }) => run({ most: 20, seconds: 4 })),
      { concurrency: 1 }
    )
    const times = yield* interleave(
      rounds,
      mapRecord(contestants, ({ run }) =>
        Effect.map(run({ most: Number.POSITIVE_INFINITY, seconds }), (ran) => ran.times)
      )
    )
    // What a process took so far, it tells with any run.
    const memory = yield* Effect.all(
      mapRecord(contestants, ({ run }) => Effect.map(run({ most: 1, seconds: 0 }), ({ peakRssMiB }) => peakRssMiB)),
      { concurrency: 1 }
    )
    const timesOf = (contestant: string) => times[contestant] ?? []
    const system: SystemsResult[number] = {
      system: name,
      fovea: summarise(timesOf("fovea").flat()),
      peakRssMiB: memory["fovea"] ?? Number.NaN,
      peers: Object.fromEntries(
        present.map((engine) => {
          const summary = summarise(timesOf(engine).flat())
          return [
            engine,
            {
              summary,
              /** Fovea's time / its, by rounds. */
              ratio: ratioByRound(timesOf("fovea"), timesOf(engine)),
              ratioOfLeast: summarise(timesOf("fovea").flat()).least / summary.least,
              lossDifference: largestDifference(first[engine] ?? [], first["fovea"] ?? []),
              peakRssMiB: memory[engine] ?? Number.NaN
            }
          ]
        })
      ),
      absent
    }
    return system
  }).pipe(Effect.scoped)

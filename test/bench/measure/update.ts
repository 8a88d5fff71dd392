import * as Effect from "effect/Effect"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import type { Losses } from "../contestants/Contestant.ts"
import { startContestant } from "../contestants/startContestant.ts"
import { interleave, ratioByRound, summarise } from "../harness.ts"
import type { BenchResult } from "../result.ts"

/** How much is measured. */
export interface Effort {
  /** Rounds, in each of which every contestant has a turn. */
  readonly rounds: number
  /** How long a turn takes at least, unless one update takes longer. */
  readonly seconds: number
}

/** Updates before measuring: by then the filters are narrow enough for their tails to be denormal numbers. */
export const age = 100

export const warmUp = 3

/** The parameters of both players after `age` updates. */
export const agedParameters = Effect.gen(function* () {
  const { run, parameters } = yield* startContestant("fovea", { at: 0 })
  yield* run({ most: age, seconds: Number.POSITIVE_INFINITY })
  return yield* parameters
}).pipe(Effect.scoped)

/**
 * One update of the paper's model by each contestant, in turns. All begin with the parameters that Fovea has after `age`
 * updates and with Adam's state anew, and go on with the same batches and latents; their first losses say whether they
 * compute the same.
 */
export const measureUpdate = ({ rounds, seconds }: Effort) =>
  Effect.gen(function* () {
    const from = { at: age, parameters: yield* agedParameters }
    const contestants = {
      fovea: yield* startContestant("fovea", from),
      foveaOnWasm: yield* startContestant("foveaOnWasm", from),
      tfjsStock: yield* startContestant("tfjsStock", from),
      tfjsTransposed: yield* startContestant("tfjsTransposed", from),
      tfjsTransposedFlushed: yield* startContestant("tfjsTransposedFlushed", from)
    }
    const first = yield* Effect.all(mapRecord(contestants, begin), { concurrency: 1 })
    const limit = { most: Number.POSITIVE_INFINITY, seconds }
    const cpu = mapRecord(contestants, (): Array<ReadonlyArray<number>> => [])
    const times = yield* interleave(
      rounds,
      mapRecord(contestants, ({ run }, name) =>
        Effect.map(run(limit), ({ times, cpuMs }) => {
          cpu[name].push([cpuMs])
          return times
        })
      )
    )
    const wasmTimes = (name: "tfjsStock" | "tfjsTransposed") => ({
      ratio: ratioByRound(times[name], times.foveaOnWasm),
      cpuRatio: ratioByRound(cpu[name], cpu.foveaOnWasm)
    })
    const peer = Effect.fnUntraced(function* (name: Exclude<keyof typeof contestants, "fovea">) {
      const summary = summarise(times[name].flat())
      const { peakRssMiB } = yield* contestants[name].run({ most: 1, seconds: 0 })
      return {
        ms: summary.median,
        summary,
        ratio: ratioByRound(times[name], times.fovea),
        cpu: summarise(cpu[name].flat()),
        cpuRatio: ratioByRound(cpu[name], cpu.fovea),
        lossDifference: largestDifference(first[name], first.fovea),
        peakRssMiB
      }
    })
    const summary = summarise(times.fovea.flat())
    const { peakRssMiB } = yield* contestants.fovea.run({ most: 1, seconds: 0 })
    const result: NonNullable<BenchResult["update"]> = {
      ms: summary.median,
      summary,
      cpu: summarise(cpu.fovea.flat()),
      age,
      rounds,
      secondsPerTurn: seconds,
      peakRssMiB,
      onWasm: {
        ...(yield* peer("foveaOnWasm")),
        tfjsStock: wasmTimes("tfjsStock"),
        tfjsTransposed: wasmTimes("tfjsTransposed")
      },
      peers: {
        tfjsStock: yield* peer("tfjsStock"),
        tfjsTransposed: yield* peer("tfjsTransposed"),
        tfjsTransposedFlushed: yield* peer("tfjsTransposedFlushed")
      }
    }
    return result
  }).pipe(Effect.scoped)

type Started = Effect.Success<ReturnType<typeof startContestant>>

/** Warms up, and gives the losses of the first update. */
const begin = ({ run }: Started) =>
  Effect.map(run({ most: warmUp, seconds: Number.POSITIVE_INFINITY }), ({ losses }) => losses)

export const largestDifference = (a: Losses, b: Losses): number =>
  Math.max(...a.map((loss, player) => Math.abs(loss - (b[player] ?? Number.NaN))))

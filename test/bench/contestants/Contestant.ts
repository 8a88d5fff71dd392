import type * as Effect from "effect/Effect"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"

/** Those who train the paper's model in the benchmark; each in a process of its own (see `process.ts`). */
export const contestantNames = ["fovea", "foveaOnWasm", "tfjsStock", "tfjsTransposed", "tfjsTransposedFlushed"] as const

/** One of these, or Fovea on a system of `systems.ts`: `system:vae`. */
export type ContestantName = (typeof contestantNames)[number] | `system:${string}`

/** Losses of one update, of each player in turn: D's, G's. */
export type Losses = ReadonlyArray<number>

/** Something that trains the paper's model on MNIST, or a system. */
export interface Contestant {
  /**
   * Update number `k`: gathers its real images, draws its latents, updates both players and reads the losses back. Batch
   * and latents depend on `k` alone, and are the same to the bit for every contestant.
   */
  readonly update: (k: number) => Effect.Effect<Losses, unknown>
  /** The parameters of all players by Fovea's paths; what other contestants are started from. */
  readonly parameters: Effect.Effect<NamedTensors, unknown>
}

/** What a contestant's process is asked. */
export type Request =
  /** Get ready, with these parameters (its own initial ones, if none are given) and update `at` as the next. */
  | { readonly kind: "begin"; readonly at: number; readonly parameters?: NamedTensors }
  /** Do updates: at least one, then until there are `most` or `seconds` have passed. */
  | { readonly kind: "run"; readonly most: number; readonly seconds: number }
  | { readonly kind: "parameters" }

/** What it answers. */
export type Reply =
  | { readonly kind: "ready" }
  | {
      readonly kind: "ran"
      /** Milliseconds of each update. */
      readonly times: ReadonlyArray<number>
      /** Processor time of the whole process, milliseconds an update. */
      readonly cpuMs: number
      /** Losses of the first of them. */
      readonly losses: Losses
      /** Most memory that the process has had resident so far. */
      readonly peakRssMiB: number
    }
  | { readonly kind: "parameters"; readonly tensors: NamedTensors }

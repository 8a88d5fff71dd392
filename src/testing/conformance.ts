import * as Effect from "effect/Effect"
import { TensorBackend } from "../layers/backend/TensorBackend.ts"
import { commandLaws } from "./commandLaws.ts"
import { compositionLaws } from "./compositionLaws.ts"
import type { Draw } from "./forAll.ts"
import { gradientLaws } from "./gradientLaws.ts"
import { graphLaws } from "./graphLaws.ts"
import type { ConformanceError, Law } from "./Law.ts"
import { longAxisLaws } from "./longAxisLaws.ts"
import { manyAxesLaw } from "./manyAxesLaw.ts"
import { modelLaws } from "./modelLaws.ts"
import { nextStateLaws } from "./nextStateLaws.ts"
import { noiseLaws } from "./noiseLaws.ts"
import { type NotFiniteDeviations, notFiniteLaw } from "./notFiniteLaws.ts"
import { primitiveLaws } from "./primitiveLaws.ts"
import { stateLaws } from "./stateLaws.ts"
import { float32Drift, float32Tolerances, float32UpdateDrift, type Tolerances } from "./tolerances.ts"
import { trainingLaws } from "./trainingLaws.ts"
import { validationLaws } from "./validationLaws.ts"

/** How a backend is held to the laws. What is left out is what float32 allows. */
export interface ConformanceOptions {
  /** What replaces `float32Tolerances`: less for an engine that is better, more for one whose makers promise less. */
  readonly tolerances?: Partial<Tolerances>
  /** What replaces `float32Drift`, for gradients and random graphs. */
  readonly drift?: number
  /** What replaces `float32UpdateDrift`, for ten updates of a model. */
  readonly updateDrift?: number
  /** Where the backend differs from IEEE 754 with NaN and infinities; nowhere, if it is left out. */
  readonly notFinite?: NotFiniteDeviations
  /** How many random cases each primitive is tried on; the other laws take parts of it. 60 if it is left out. */
  readonly runs?: number
  /** What random cases are drawn from: another seed, other cases. 2026 if it is left out. */
  readonly seed?: number
  /** Whether the slow laws are among them, which take seconds to a minute each. Not, if it is left out. */
  readonly slow?: boolean
}

/**
 * The laws of `TensorBackend`. Each can be run by itself, in any order and under any test runner:
 * `Effect.runPromise(law.run.pipe(Effect.provide(layer)))` rejects with a `ConformanceError` that says what was found.
 */
export const conformance = (options: ConformanceOptions = {}): ReadonlyArray<Law> => {
  const draw: Draw = { runs: options.runs ?? 60, seed: options.seed ?? 2026 }
  const tolerances = { ...float32Tolerances, ...options.tolerances }
  const drift = options.drift ?? float32Drift
  const laws = [
    ...stateLaws,
    ...nextStateLaws(2 * drift),
    ...commandLaws(draw),
    ...validationLaws,
    ...noiseLaws(draw),
    ...primitiveLaws(draw, tolerances),
    ...longAxisLaws(tolerances),
    manyAxesLaw(drift),
    notFiniteLaw(options.notFinite ?? {}),
    ...gradientLaws(draw, drift),
    ...graphLaws(draw, drift),
    ...compositionLaws(drift),
    ...modelLaws(options.updateDrift ?? float32UpdateDrift),
    ...trainingLaws
  ]
  return options.slow === true ? laws : laws.filter(({ slow }) => !slow)
}

/** What the laws made of a backend. */
export interface ConformanceReport {
  readonly backend: string
  readonly kept: ReadonlyArray<string>
  readonly broken: ReadonlyArray<ConformanceError>
}

/** Runs laws one after the other on the backend in the context, all of them, whether or not some are broken. */
export const checkConformance = Effect.fnUntraced(function* (
  laws: ReadonlyArray<Law> = conformance()
): Effect.fn.Return<ConformanceReport, never, TensorBackend> {
  const { name } = yield* TensorBackend
  const [kept, broken] = yield* Effect.partition(laws, (law) => Effect.as(law.run, law.name))
  return { backend: name, kept, broken }
})

/** A report as lines of text: every broken law with what was found, and how many were kept. */
export const formatReport = ({ backend, kept, broken }: ConformanceReport): string =>
  [
    ...broken.map(({ message }) => message),
    `${backend} keeps ${kept.length} of ${kept.length + broken.length} laws`
  ].join("\n")

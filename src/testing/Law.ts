import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type BackendError, TensorBackend } from "../layers/backend/TensorBackend.ts"

/** A backend that does not keep what `TensorBackend` promises. */
export class ConformanceError extends Schema.TaggedError<ConformanceError>()("ConformanceError", {
  backend: Schema.String,
  /** The name of the law. */
  law: Schema.String,
  /** What was found, where, and what should have been; for random cases the smallest that fails. */
  problem: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `${this.backend} breaks the law "${this.law}": ${this.problem}`
  }
}

/** What the laws are about: one part of the suite each. */
export type LawGroup =
  | "state"
  | "border"
  | "noise"
  | "primitives"
  | "gradients"
  | "graphs"
  | "not finite"
  | "models"
  | "training"

/** One promise of a backend, and how to try it: under any test runner, or by hand. */
export interface Law {
  readonly name: string
  readonly group: LawGroup
  /** Takes many seconds on a slow backend; the others take a second or two at most on Reference. */
  readonly slow: boolean
  /** Succeeds if the backend in the context keeps the law. */
  readonly run: Effect.Effect<void, ConformanceError, TensorBackend>
}

/** What a law found; `Law.run` adds whose it is. */
export class Violation extends Data.TaggedError("Violation")<{ readonly problem: string }> {
  override get message(): string {
    return this.problem
  }
}

/** What a law does: it may fail by finding something, or by an error of the backend where none should be. */
export type LawBody<R = TensorBackend> = Effect.Effect<void, Violation | BackendError, R>

/** A law, from what it does. A backend that throws where it should fail breaks the law as well. */
export const makeLaw = (
  group: LawGroup,
  name: string,
  body: LawBody<TensorBackend | Scope.Scope>,
  { slow = false }: { readonly slow?: boolean } = {}
): Law => ({
  name: `${group}: ${name}`,
  group,
  slow,
  run: Effect.flatMap(TensorBackend, (backend) =>
    Effect.scoped(body).pipe(
      Effect.catchCause((cause) => {
        if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
        const error = Cause.squash(cause)
        const problem = error instanceof Error ? error.message : String(error)
        return Effect.fail(
          new ConformanceError({ backend: backend.name, law: `${group}: ${name}`, problem, cause: error })
        )
      })
    )
  )
})

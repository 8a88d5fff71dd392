import * as Effect from "effect/Effect"
import type { Program } from "../domain/tensor/Program.ts"
import type { NamedTensors } from "../domain/tensor/TensorData.ts"
import { type StepCall, TensorBackend } from "../layers/backend/TensorBackend.ts"
import { onReference } from "./againstReference.ts"
import { expectTensors } from "./expectations.ts"
import type { LawBody } from "./Law.ts"

/** A program with what some steps of it are given. */
export interface ProgramRun {
  readonly program: Program
  readonly state: NamedTensors
  readonly calls: ReadonlyArray<StepCall>
}

/** State and outputs after each step, on the backend in the context. */
const courseOf = ({ program, state, calls }: ProgramRun) =>
  Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* (yield* TensorBackend).compile(program, state)
      return yield* Effect.forEach(calls, (call) =>
        Effect.andThen(executable.step(call), Effect.all([executable.readState, executable.readOutputs]))
      )
    })
  )

/** Fails unless state and outputs are those of `Reference` after each step; `drift` is a part of a tensor's greatest entry. */
export const coursesAgree = (run: ProgramRun, drift: number): LawBody =>
  Effect.gen(function* () {
    const wanted = yield* Effect.orDie(onReference(courseOf(run)))
    const found = yield* courseOf(run)
    const tolerance = (_: number, greatest: number) => drift * greatest
    for (const [step, [state = {}, outputs = {}]] of found.entries()) {
      const [wantedState = {}, wantedOutputs = {}] = wanted[step] ?? []
      yield* expectTensors(state, wantedState, tolerance, (path) => `after step ${step}, the state "${path}"`)
      yield* expectTensors(outputs, wantedOutputs, tolerance, (name) => `at step ${step}, the output "${name}"`)
    }
  })

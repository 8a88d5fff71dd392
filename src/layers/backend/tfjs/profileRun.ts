import * as Effect from "effect/Effect"
import type { Program } from "../../../domain/tensor/Program.ts"
import type { NamedTensors } from "../../../domain/tensor/TensorData.ts"
import { isEnough, kernelTimes, type Profile, warmUp } from "../Profile.ts"
import type { BackendError, StepCall } from "../TensorBackend.ts"
import { lowerProgram } from "./lowering.ts"
import type { TfjsEngine } from "./TfjsEngine.ts"
import { makeTfjsExecutable } from "./tfjsExecutable.ts"

/**
 * Runs a program with a clock around each kernel. Kernels of wasm and of the CPU have done their work when they return; on a GPU it is
 * the time to ask for it.
 */
export const profileRun = Effect.fn("Tfjs.profile")(function* (
  backend: string,
  engine: TfjsEngine,
  program: Program,
  state: NamedTensors,
  calls: ReadonlyArray<StepCall>
): Effect.fn.Return<Profile, BackendError> {
  const plan = lowerProgram(program, engine)
  const times: ReadonlyArray<Array<number>> = plan.instructions.map(() => [])
  let prepared = 0
  // An executable asks for the kernels of its plan once, in order.
  const timed: TfjsEngine = {
    ...engine,
    kernel: (name) => {
      const kernel = engine.kernel(name)
      const own = times[prepared++]
      return (inputs, attributes) => {
        const began = performance.now()
        const result = kernel(inputs, attributes)
        own?.push(performance.now() - began)
        return result
      }
    }
  }
  const steps = yield* Effect.gen(function* () {
    const executable = yield* makeTfjsExecutable({ backend, program: program.name }, timed, program, plan, state)
    const began = performance.now()
    let steps = 0
    for (const call of calls) {
      if (isEnough(steps, performance.now() - began)) break
      yield* executable.step(call)
      steps += 1
    }
    return steps
  }).pipe(Effect.scoped)
  return {
    how: `by a clock around each kernel, medians of ${steps - warmUp} steps`,
    kernels: kernelTimes(
      plan.instructions.map(({ primitive, kernel }, i) => ({
        signature: primitive,
        operator: kernel,
        times: (times[i] ?? []).slice(warmUp)
      }))
    )
  }
})

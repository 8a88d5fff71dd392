import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { noiseNumbers } from "../domain/random/noiseSource.ts"
import { add, subtract } from "../domain/tensor/arithmetic.ts"
import { sum } from "../domain/tensor/broadcast.ts"
import { makeProgram } from "../domain/tensor/Program.ts"
import { bernoulliNoise, normalNoise, placeholder, uniformNoise } from "../domain/tensor/source.ts"
import { type StepCall, TensorBackend } from "../layers/backend/TensorBackend.ts"
import { expectNumbers, expectThat } from "./expectations.ts"
import { type Draw, forAll } from "./forAll.ts"
import { type Law, makeLaw } from "./Law.ts"
import { float32, lists } from "./programs.ts"

const draws = {
  normal: normalNoise("z", [3, 5]),
  uniform: uniformNoise("u", [7]),
  bernoulli: bernoulliNoise("mask", 0.3, [40]),
  // As many numbers as a batch of latents, and a stream whose name is not ASCII.
  many: normalNoise("generator/z/1", [25, 41]),
  named: uniformNoise("höhe", [2, 1, 3])
}

const drawing = () =>
  makeProgram({
    name: "noise",
    state: { sum: placeholder("sum", []) },
    inputs: {},
    next: { sum: add(placeholder("sum", []), sum(draws.bernoulli)) },
    outputs: { ...draws, difference: subtract(draws.normal, normalNoise("z", [3, 5])) }
  })

const noiseKeys: fc.Arbitrary<StepCall["noise"]> = fc.record({
  seed: fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 1, 2 ** 53 - 1)),
  step: fc.oneof(fc.nat(1000), fc.maxSafeNat())
})

const opened = Effect.flatMap(TensorBackend, (backend) => backend.compile(drawing(), { sum: float32([0]) }))

/** Random numbers are those of `noiseNumbers`, whatever draws them. */
export const noiseLaws = ({ seed }: Draw): ReadonlyArray<Law> => [
  makeLaw(
    "noise",
    "the numbers of every distribution are the language's to the bit, for every seed and step",
    Effect.gen(function* () {
      const executable = yield* opened
      yield* forAll(
        noiseKeys,
        { runs: 25, seed },
        Effect.fnUntraced(function* (noise) {
          yield* executable.step({ inputs: {}, noise })
          const outputs = yield* executable.readOutputs
          for (const [key, { values }] of Object.entries(outputs)) {
            const source = Object.entries(draws).find(([name]) => name === key)?.[1]
            if (source?.op !== "noise") {
              yield* expectThat(
                values.every((value) => value === 0),
                () => "one stream drawn twice in a program gives different numbers"
              )
              continue
            }
            const wanted = noiseNumbers(source, noise)
            const wrong = wanted.findIndex((value, i) => !Object.is(values[i], value))
            yield* expectThat(
              wrong === -1,
              () => `${key} noise, entry ${wrong}, is ${values[wrong]} instead of ${wanted[wrong]}`
            )
          }
        }),
        (noise) => JSON.stringify(noise)
      )
    })
  ),

  makeLaw(
    "noise",
    "a seed gives the same numbers in every run, in whatever order steps are done",
    Effect.gen(function* () {
      const run = (steps: ReadonlyArray<number>) =>
        Effect.scoped(
          Effect.gen(function* () {
            const executable = yield* opened
            const seen: Array<readonly [number, Readonly<Record<string, ReadonlyArray<number>>>]> = []
            for (const step of steps) {
              yield* executable.step({ inputs: {}, noise: { seed: 3, step } })
              seen.push([step, lists(yield* executable.readOutputs)])
            }
            return { seen: new Map(seen), state: yield* executable.readState }
          })
        )
      const [forwards, backwards] = [yield* run([0, 1, 2]), yield* run([2, 1, 0])]
      yield* expectNumbers(backwards.state, lists(forwards.state), "the state")
      for (const [step, outputs] of forwards.seen) {
        const again = Object.entries(backwards.seen.get(step) ?? {}).map(
          ([name, values]) => [name, float32(values, [values.length])] as const
        )
        yield* expectNumbers(Object.fromEntries(again), outputs, `at step ${step}, the output`)
      }
    })
  )
]

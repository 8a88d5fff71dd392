import * as Effect from "effect/Effect"
import { add, multiply, subtract } from "../domain/tensor/arithmetic.ts"
import { sum } from "../domain/tensor/broadcast.ts"
import { tanh } from "../domain/tensor/elementwise.ts"
import { reshape } from "../domain/tensor/movement.ts"
import { inputsFirst } from "../domain/tensor/order.ts"
import { makeProgram, type Program } from "../domain/tensor/Program.ts"
import { pmean } from "../domain/tensor/pmean.ts"
import { sizeOf } from "../domain/tensor/Shape.ts"
import type { Sharding } from "../domain/tensor/Sharding.ts"
import { bernoulliNoise, normalNoise, placeholder, uniformNoise } from "../domain/tensor/source.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../domain/tensor/TensorData.ts"
import { mapRecord } from "../domain/tensor/Tree.ts"
import { coursesAgree, type ProgramRun } from "./courses.ts"
import { type Law, type LawBody, makeLaw } from "./Law.ts"
import { nextStates, type Source, sources } from "./nextStates.ts"
import { float32 } from "./programs.ts"

const start = (shapes: Readonly<Record<string, Tensor>>, phase = 0): NamedTensors =>
  mapRecord(shapes, ({ shape }, name) =>
    // Multiples of 1/64, which float32 holds.
    float32(
      Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 37 + name.length * 11 + phase * 5) % 97) / 64 - 0.75),
      shape
    )
  )

const namesOf = (tensors: ReadonlyArray<Tensor>): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(
    inputsFirst(tensors).flatMap((node) => (node.op === "placeholder" ? [[node.parameters.name, node] as const] : []))
  )

const picked = (tensors: Readonly<Record<string, Tensor>>, kind: string): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith(`${kind} `)))

/** A program with a state `[3, 5]` for each of `nextStates`, made of the source; each of these is an output as well if asked for. */
const programOf = (
  name: string,
  source: Source,
  { shown, shards }: { readonly shown: boolean; readonly shards?: Sharding }
): Program => {
  const own = mapRecord(nextStates, (_, form) => placeholder(`own ${form}`, [3, 5]))
  const made = mapRecord(nextStates, (form, key) => form(own[key] ?? placeholder(key, [3, 5]), source))
  const found = namesOf(Object.values(made))
  const [moving, fixed] = [picked(found, "moving"), picked(found, "fixed")]
  return makeProgram<string, string>({
    name,
    state: { own, moving, fixed },
    inputs: picked(found, "input"),
    next: { own: made, moving: mapRecord(moving, (tensor) => multiply(-0.5, tensor)), fixed },
    outputs: shown ? { ...made, source: source([3, 5]), one: source([]) } : {},
    ...(shards === undefined ? {} : { shards })
  })
}

const runOf = (program: Program): ProgramRun => ({
  program,
  state: start(program.state),
  calls: [0, 1, 2].map((step) => ({ inputs: start(program.inputs, step), noise: { seed: 2 ** 40 + 3, step } }))
})

/** Sources of a shard's own numbers, of which states can only hold the mean. */
const overShards =
  (source: Source): Source =>
  (shape) =>
    shape.length === 0 ? reshape(pmean(source([1])), []) : pmean(source(shape))

const twoShards: Sharding = { count: 2, examples: 1, inputs: [] }

/** Every source as every next state and as part of it: an engine may make these in another way than what it puts out. */
export const nextStateLaws = (drift: number): ReadonlyArray<Law> => {
  const agree = (program: Program) => coursesAgree(runOf(program), drift)
  return [
    ...Object.entries(sources).map(([kind, source]) =>
      makeLaw(
        "state",
        `the next state may be, and be made of, ${kind}`,
        Effect.gen(function* () {
          yield* agree(programOf(`next states of ${kind}`, source, { shown: false }))
          yield* agree(programOf(`next states and outputs of ${kind}`, source, { shown: true }))
        })
      )
    ),

    makeLaw(
      "state",
      "the next state of several shards may be, and be made of, means of what each draws",
      Effect.gen(function* () {
        for (const kind of ["normal", "bernoulli"] as const) {
          const program = programOf(`shared ${kind}`, overShards(sources[kind]), { shown: true, shards: twoShards })
          yield* runsOrRefuses(agree(program))
        }
      })
    ),

    makeLaw(
      "state",
      "a program may have noise as its next state and nothing else",
      Effect.forEach(Object.entries(drawn), ([kind, noise]) =>
        agree(
          makeProgram<never, never>({
            name: `only ${kind}`,
            state: { x: placeholder("x", noise.shape) },
            inputs: {},
            next: { x: noise },
            outputs: {}
          })
        )
      ).pipe(Effect.asVoid)
    ),

    makeLaw("state", "states may become one another while others move by what they were", agree(exchanging())),

    makeLaw(
      "state",
      "next states may be made of sums of one another's, in turns",
      Effect.forEach([false, true], (shown) => agree(entwined(shown, []))).pipe(
        Effect.andThen(runsOrRefuses(agree(entwined(true, ["x", "z"]))))
      )
    ),

    makeLaw(
      "noise",
      "streams, state, inputs and outputs may have one another's names, and any at all",
      agree(namesakes())
    )
  ]
}

const drawn: Readonly<Record<string, Tensor>> = {
  normal: normalNoise("z", [2, 3]),
  uniform: uniformNoise("z", []),
  bernoulli: bernoulliNoise("z", 0.5, [1, 1, 5])
}

const exchanging = (): Program => {
  const [a, b, c, d, e, fixed] = ["a", "b", "c", "d", "e", "fixed"].map((name) => placeholder(name, [7]))
  if (!a || !b || !c || !d || !e || !fixed) throw new Error("six names make six placeholders")
  const z = normalNoise("z", [7])
  const moved = add(multiply(0.5, c), multiply(z, a))
  return makeProgram<string, string>({
    name: "exchanging",
    state: { a, b, c, d, e, fixed },
    inputs: {},
    // a, b and d take each other's places; c moves by what a was and e by what c has become.
    next: { a: b, b: d, c: moved, d: a, e: subtract(multiply(0.5, e), multiply(fixed, moved)), fixed },
    outputs: { a, b, c, moved, z, noisy: multiply(z, c), fixed }
  })
}

/** Each of four states moves by the sum of another's next value, two of them by `x` and two by `z`: on two shards if these are shared. */
const entwined = (shown: boolean, shared: ReadonlyArray<"x" | "z">): Program => {
  const [a, b, c, d] = [placeholder("a", [5]), placeholder("b", [5]), placeholder("c", [5]), placeholder("d", [5])]
  const of = (name: "x" | "z"): Tensor =>
    shared.includes(name) ? pmean(uniformNoise(name, [5])) : uniformNoise(name, [5])
  const [x, z] = [of("x"), of("z")]
  const nextA = add(multiply(0.5, a), x)
  const nextB = add(multiply(0.25, b), multiply(sum(nextA), z))
  const nextC = add(multiply(c, x), sum(nextB))
  const nextD = subtract(multiply(d, z), sum(nextC))
  return makeProgram<string, string>({
    name: "entwined",
    state: { a, b, c, d },
    inputs: {},
    next: { a: nextA, b: nextB, c: nextC, d: nextD },
    outputs: shown ? { a: nextA, b: nextB, c: nextC, d: nextD, all: add(nextA, nextD) } : {},
    ...(shared.length === 0 ? {} : { shards: twoShards })
  })
}

/** Names that an engine may give to values of its own, and names that get lost in records or on the way to it. */
const taken = [
  ...[
    "z",
    "noise:z",
    "noise z",
    "stream:z",
    'noise:"z"',
    '"z"',
    "kept 0",
    "kept 1",
    "updated 1",
    "updated 2",
    "means 0"
  ],
  ...["value_0", "__proto__", "hasOwnProperty", " ", "a\u0000b", "a\nb", "\ud800", "\ud801", "\ufeff", "é", "e\u0301"]
]

const namesakes = (): Program => {
  const cells = taken.map((name) => ({
    name,
    state: placeholder(name, [6]),
    input: placeholder(`placeholder:${name}`, [6]),
    noise: uniformNoise(name, [6])
  }))
  return makeProgram<string, string>({
    name: "namesakes",
    state: Object.fromEntries(cells.map(({ name, state }) => [name, state])),
    inputs: Object.fromEntries(cells.map(({ name, input }) => [name, input])),
    next: Object.fromEntries(
      cells.map(({ name, state, input, noise }, i) => {
        const next = add(multiply(0.5, state), multiply(noise, input))
        // In a pass over memory, and not.
        return [name, i % 2 === 0 ? next : tanh(next)]
      })
    ),
    outputs: Object.fromEntries(cells.map(({ name, noise, state }) => [name, multiply(noise, state)]))
  })
}

/** A backend that does not run programs of several shards may refuse them; what it says is looked at by another law. */
const runsOrRefuses = (body: LawBody): LawBody =>
  Effect.catch(body, (error) =>
    error._tag === "BackendError" && error.problem.includes("shards") ? Effect.void : Effect.fail(error)
  )

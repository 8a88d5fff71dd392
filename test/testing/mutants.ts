import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { add, multiply, negate } from "../../src/domain/tensor/arithmetic.ts"
import { broadcast } from "../../src/domain/tensor/broadcast.ts"
import { greater, where } from "../../src/domain/tensor/comparison.ts"
import { cos } from "../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../src/domain/tensor/matmul.ts"
import { reshape } from "../../src/domain/tensor/movement.ts"
import type { Program } from "../../src/domain/tensor/Program.ts"
import { rewriteNodes } from "../../src/domain/tensor/rewrite/rewriteNodes.ts"
import { formatShape } from "../../src/domain/tensor/Shape.ts"
import { full } from "../../src/domain/tensor/source.ts"
import type { Tensor } from "../../src/domain/tensor/Tensor.ts"
import type { NamedTensors, TensorData } from "../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../src/domain/tensor/Tree.ts"
import { layerReference } from "../../src/layers/backend/reference.ts"
import { type Executable, type StepCall, TensorBackend } from "../../src/layers/backend/TensorBackend.ts"

type Compile = (typeof TensorBackend)["Service"]["compile"]

/** `Reference` with its `compile` replaced by what is made of it. */
const mutant = (wrap: (compile: Compile) => Compile): Layer.Layer<TensorBackend> =>
  Layer.effect(
    TensorBackend,
    Effect.map(Layer.build(layerReference), (context) => {
      const reference = Context.get(context, TensorBackend)
      return TensorBackend.of({ name: "mutant", compile: wrap(reference.compile) })
    })
  )

/** Executables of which something is wrong. */
const withExecutable = (
  wrap: <I extends string, O extends string>(executable: Executable<I, O>) => Executable<I, O>
): Layer.Layer<TensorBackend> =>
  mutant((compile) => (program, state) => Effect.map(compile(program, state), (executable) => wrap(executable)))

/** Every call changed on its way. */
const withCall = (change: <I extends string>(call: StepCall<I>) => StepCall<I>) =>
  withExecutable((executable) => ({ ...executable, step: (call) => executable.step(change(call)) }))

/** Every primitive changed on its way. */
const withPrimitive = (change: (node: Tensor) => Tensor): Layer.Layer<TensorBackend> =>
  mutant((compile) => <I extends string, O extends string>(program: Program<I, O>, state: NamedTensors) => {
    const changed = <K extends string>(expressions: Readonly<Record<K, Tensor>>): Readonly<Record<K, Tensor>> => {
      const roots = rewriteNodes(Object.values<Tensor>(expressions), change)
      const now = new Map(Object.values<Tensor>(expressions).map((root, i) => [root, roots[i] ?? root]))
      return mapRecord(expressions, (root) => now.get(root) ?? root)
    }
    return compile({ ...program, next: changed(program.next), outputs: changed(program.outputs) }, state)
  })

/** Every number that is read changed on its way. */
const withNumbers = (change: (value: number) => number): Layer.Layer<TensorBackend> => {
  const changed = <K extends string>(tensors: Readonly<Record<K, TensorData>>) =>
    mapRecord(tensors, ({ shape, values }: TensorData) => ({ shape, values: values.map(change) }))
  return withExecutable((executable) => ({
    ...executable,
    readState: Effect.map(executable.readState, changed),
    readOutputs: Effect.map(executable.readOutputs, changed)
  }))
}

/** To so many bits, as engines do that compute products in less than float32. */
const roundedTo = (bits: number) => (value: number) => {
  if (!Number.isFinite(value) || value === 0) return value
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - bits + 1)
  return Math.round(value / unit) * unit
}

const stale = <I extends string, O extends string>(executable: Executable<I, O>): Executable<I, O> => {
  let first: Readonly<Record<O, TensorData>> | undefined
  return {
    ...executable,
    readOutputs: Effect.map(executable.readOutputs, (outputs) => {
      first ??= outputs
      return first
    })
  }
}

/** The state is handed out itself, not a copy of it. */
const sharing = <I extends string, O extends string>(executable: Executable<I, O>): Executable<I, O> => {
  let known: NamedTensors | undefined
  return {
    step: (call) => {
      known = undefined
      return executable.step(call)
    },
    readOutputs: executable.readOutputs,
    readState: Effect.map(executable.readState, (state) => {
      known ??= state
      return known
    })
  }
}

/** Steps that do not wait for one another: each takes the state, lets others in, and overwrites what they did. */
const racing: Layer.Layer<TensorBackend> = mutant((compile) =>
  Effect.fnUntraced(function* (program, first) {
    const scope = yield* Effect.scope
    let state = first
    let last = yield* compile(program, first)
    return {
      step: (call) =>
        Effect.gen(function* () {
          const own = yield* Effect.provideService(compile(program, state), Scope.Scope, scope)
          yield* Effect.yieldNow
          yield* own.step(call)
          state = yield* own.readState
          last = own
        }),
      readOutputs: Effect.suspend(() => last.readOutputs),
      readState: Effect.suspend(() => last.readState)
    }
  })
)

/** Each step begins from the first state again. */
const notFed: Layer.Layer<TensorBackend> = mutant((compile) =>
  Effect.fnUntraced(function* (program, first) {
    const scope = yield* Effect.scope
    let last = yield* compile(program, first)
    return {
      step: (call) =>
        Effect.gen(function* () {
          const own = yield* Effect.provideService(compile(program, first), Scope.Scope, scope)
          yield* own.step(call)
          last = own
        }),
      readOutputs: Effect.suspend(() => last.readOutputs),
      readState: Effect.suspend(() => last.readState)
    }
  })
)

/** Compiled programs are kept by their names, with their state. */
const sharedState = (): Layer.Layer<TensorBackend> => {
  const known = new Map<string, Executable>()
  return mutant(
    (compile) => (program, state) =>
      Effect.map(compile(program, state), (executable) => {
        // Whoever asks by this name asks for this program.
        const first = (known.get(program.name) ?? executable) as typeof executable
        // For the map, which forgets of what inputs and outputs it is.
        known.set(program.name, first as unknown as Executable)
        return first
      })
  )
}

/** Its own scope is that of the layer: closing a program's closes nothing. */
const neverClosed: Layer.Layer<TensorBackend> = mutant(
  (compile) => (program, state) =>
    Effect.flatMap(Scope.make(), (scope) => Effect.provideService(compile(program, state), Scope.Scope, scope))
)

const only =
  <K extends Tensor["op"]>(op: K, change: (node: Extract<Tensor, { readonly op: K }>) => Tensor) =>
  (node: Tensor): Tensor =>
    // The tag says which node it is.
    node.op === op ? change(node as Extract<Tensor, { readonly op: K }>) : node

/** Backends that are wrong in one way each, by what it is, and a law that each breaks. */
export const mutants: Readonly<Record<string, { readonly layer: Layer.Layer<TensorBackend>; readonly law: string }>> = {
  "draws the noise of the next step": {
    layer: withCall((call) => ({ ...call, noise: { ...call.noise, step: call.noise.step + 1 } })),
    law: "noise: the numbers of every distribution"
  },
  "has 32 bits of the seed": {
    layer: withCall((call) => ({ ...call, noise: { ...call.noise, seed: call.noise.seed >>> 0 } })),
    law: "noise: the numbers of every distribution"
  },
  "begins each step from the first state": { layer: notFed, law: "state: begins as given" },
  "keeps one state for all programs of a name": { layer: sharedState(), law: "state: two executables" },
  "forgets noise in a next state": {
    layer: mutant((compile) => (program, state) => {
      const paths = Object.keys(program.next)
      const silent = rewriteNodes(Object.values(program.next), (node) =>
        node.op === "noise" ? full(node.shape, 0) : node
      )
      const next = Object.fromEntries(paths.map((path, i) => [path, silent[i] ?? full([], 0)]))
      return compile({ ...program, next }, state)
    }),
    law: "state: the next state may be, and be made of, bernoulli"
  },
  "hands out old outputs": { layer: withExecutable(stale), law: "state: in whatever order" },
  "hands out its own state": { layer: withExecutable(sharing), law: "border: what is read is a copy" },
  "lets steps overtake one another": { layer: racing, law: "state: steps asked for at the same time" },
  "goes on after it is closed": { layer: neverClosed, law: "border: everything fails once the scope is closed" },
  "takes the cosine for the sine": {
    layer: withPrimitive(only("sin", (node) => cos(node.inputs[0]))),
    law: "primitives: sin"
  },
  "has the wrong sign in tanh": { layer: withPrimitive(only("tanh", (node) => negate(node))), law: "primitives: tanh" },
  "forgets to transpose the right operand": {
    layer: withPrimitive(
      only("matmul", (node) => {
        const [a, b] = node.inputs
        const { transposeA, transposeB } = node.parameters
        const [rows = 1, columns = 1] = b.shape.slice(-2)
        const misread = transposeB ? reshape(b, [...b.shape.slice(0, -2), columns, rows]) : b
        return matmul(a, misread, { transposeA })
      })
    ),
    law: "primitives: matmul"
  },
  "adds a whole where a bias is stretched": {
    layer: withPrimitive(
      only("add", (node) =>
        formatShape(node.inputs[1].shape) === formatShape(node.shape)
          ? node
          : add(node.inputs[0], broadcast(multiply(node.inputs[1], 1.001), node.shape))
      )
    ),
    law: "primitives: add"
  },
  "swallows NaN": { layer: withNumbers((value) => (Number.isNaN(value) ? 0 : value)), law: "not finite" },
  "swallows NaN in relu": {
    layer: withPrimitive(only("relu", (node) => where(greater(node, 0), node, full(node.shape, 0)))),
    law: "not finite"
  },
  "computes in 11 bits": { layer: withNumbers(roundedTo(11)), law: "primitives: multiply" },
  "computes products in 11 bits": {
    layer: withPrimitive(only("matmul", (node) => multiply(node, 1 + 2 ** -12))),
    law: "primitives: over long axes: products"
  },
  "computes softmax to 16 bits": {
    layer: withPrimitive(only("softmax", (node) => multiply(node, 1 + 2 ** -16))),
    law: "models: ten updates of the attention GAN"
  }
}

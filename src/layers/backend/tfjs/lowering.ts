import { inputsFirst, useCounts } from "../../../domain/tensor/order.ts"
import { isUnchanged, type Program } from "../../../domain/tensor/Program.ts"
import { signatureOf } from "../../../domain/tensor/print.ts"
import type { Shape } from "../../../domain/tensor/Shape.ts"
import type { Node, Op, Tensor } from "../../../domain/tensor/Tensor.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import { lowerConvolution, lowerTransposedConvolution } from "./convolution.ts"
import { type Emitter, makeEmitter, type Value } from "./Emitter.ts"
import { lowerMatmul } from "./matmul.ts"
import { padded, pairwise, permuted, sliced, stretched } from "./movement.ts"
import { type Plan, planReleases } from "./Plan.ts"
import type { TfjsEngine } from "./TfjsEngine.ts"

/** What a lowering rule may ask about its surroundings. */
interface Context {
  readonly emit: Emitter
  readonly computed: (tensor: Tensor) => Value
  /** Comparisons that stand as booleans already. */
  readonly truths: Map<Tensor, Value>
  /** Whether the kernels are those of the wasm backend. */
  readonly isWasm: boolean
}

type Lowering<K extends Op> = (node: Node<K>, context: Context) => Value

const unary =
  <K extends "negate" | "exp" | "log" | "sqrt" | "sin" | "cos" | "tanh" | "sigmoid" | "softplus" | "relu">(
    kernel: string
  ): Lowering<K> =>
  ({ inputs: [x], shape }, { emit, computed }) =>
    emit.call(kernel, { x: computed(x) }, {}, shape)

const binary =
  <K extends "add" | "subtract" | "multiply" | "divide" | "maximum">(kernel: string): Lowering<K> =>
  ({ inputs: [a, b], shape }, { emit, computed }) =>
    pairwise(emit, kernel, { a: computed(a), b: computed(b) }, shape)

const same = (node: Tensor, { emit, computed }: Context): Value => {
  const [x] = node.inputs
  if (x === undefined) throw new Error("internal: a movement without operand")
  return emit.reshape(computed(x), node.shape)
}

/** An operand of a choice, which must have the result's shape. */
const alternative = (operand: Tensor, shape: Shape, { emit, computed }: Context): Value =>
  operand.op === "full" ? emit.filled(shape, operand.parameters.value) : stretched(emit, computed(operand), shape)

const lowerings: { readonly [K in Exclude<Op, "placeholder" | "noise">]: Lowering<K> } = {
  full: ({ parameters: { shape, value } }, { emit }) => emit.filled(shape, value),
  constant: ({ parameters: { data } }, { emit }) => emit.constant(data),
  reshape: same,
  stopGradient: same,
  pmean: same,
  transpose: (node, { emit, computed }) => permuted(emit, computed(node.inputs[0]), node.parameters.permutation),
  slice: (node, { emit, computed }) =>
    sliced(emit, computed(node.inputs[0]), node.parameters.starts, node.parameters.sizes),
  pad: (node, { emit, computed }) =>
    padded(emit, computed(node.inputs[0]), node.parameters.before, node.parameters.after),
  concatenate: (node, context) => {
    if (node.inputs.length === 1) return same(node, context)
    const { emit, computed } = context
    return emit.call("Concat", node.inputs.map(computed), { axis: node.parameters.axis }, node.shape)
  },
  broadcast: (node, { emit, computed }) => stretched(emit, computed(node.inputs[0]), node.shape),
  sum: (node, context) => {
    const { axes, keepAxes } = node.parameters
    if (reducesNothing(axes, node.inputs[0].shape)) return same(node, context)
    const { emit, computed } = context
    return emit.call("Sum", { x: computed(node.inputs[0]) }, { axis: axes, keepDims: keepAxes }, node.shape)
  },
  max: (node, context) => {
    const { axes, keepAxes } = node.parameters
    if (reducesNothing(axes, node.inputs[0].shape)) return same(node, context)
    const { emit, computed } = context
    return emit.call("Max", { x: computed(node.inputs[0]) }, { reductionIndices: axes, keepDims: keepAxes }, node.shape)
  },
  add: binary("Add"),
  subtract: binary("Sub"),
  multiply: binary("Multiply"),
  divide: binary("RealDiv"),
  maximum: binary("Maximum"),
  negate: unary("Neg"),
  exp: unary("Exp"),
  log: unary("Log"),
  sqrt: unary("Sqrt"),
  sin: unary("Sin"),
  cos: unary("Cos"),
  tanh: unary("Tanh"),
  sigmoid: unary("Sigmoid"),
  softplus: unary("Softplus"),
  relu: unary("Relu"),
  greater: (node, context) =>
    context.emit.call("Cast", { x: truthOf(node, context) }, { dtype: "float32" }, node.shape),
  where: (node, context) => {
    const [condition, whenTrue, otherwise] = node.inputs
    const { emit } = context
    const inputs = {
      condition: stretched(emit, truthOf(condition, context), node.shape),
      t: alternative(whenTrue, node.shape, context),
      e: alternative(otherwise, node.shape, context)
    }
    return emit.call("Select", inputs, {}, node.shape)
  },
  clamp: (node, { emit, computed }) => {
    const { lowest, highest } = node.parameters
    const attributes = { clipValueMin: lowest, clipValueMax: highest }
    return emit.call("ClipByValue", { x: computed(node.inputs[0]) }, attributes, node.shape)
  },
  softmax: (node, { emit, computed }) =>
    emit.call("Softmax", { logits: computed(node.inputs[0]) }, { dim: node.shape.length - 1 }, node.shape),
  matmul: (node, { emit, computed, isWasm }) => {
    const [a, b] = node.inputs
    return lowerMatmul({ emit, isWasm }, node, computed(a), computed(b))
  },
  conv2d: (node, { emit, computed }) => {
    const [x, kernel] = node.inputs
    return lowerConvolution(emit, node.parameters, computed(x), computed(kernel), node.shape)
  },
  convTranspose2d: (node, { emit, computed }) => {
    const [y, kernel] = node.inputs
    return lowerTransposedConvolution(emit, node.parameters, computed(y), computed(kernel), node.shape)
  }
}

const reducesNothing = (axes: ReadonlyArray<number>, shape: Shape): boolean => axes.every((axis) => shape[axis] === 1)

/** Where a condition holds, as booleans. */
const truthOf = (condition: Tensor, { emit, computed, truths }: Context): Value => {
  const known = truths.get(condition)
  if (known !== undefined) return known
  const [kernel, a, b]: readonly [string, Value, Value] =
    condition.op === "greater"
      ? ["Greater", computed(condition.inputs[0]), computed(condition.inputs[1])]
      : ["NotEqual", computed(condition), emit.filled([], 0)]
  const truth = pairwise(emit, kernel, { a, b }, condition.shape, "bool")
  truths.set(condition, truth)
  return truth
}

const lowerNode = <K extends Exclude<Op, "placeholder" | "noise">>(node: Node<K>, context: Context): Value =>
  lowerings[node.op](node, context)

/** Comparisons that only choices use: these take the booleans. */
const conditionsOnly = (order: ReadonlyArray<Tensor>, uses: ReadonlyMap<Tensor, number>): ReadonlySet<Tensor> => {
  const counts = new Map<Tensor, number>()
  for (const { op, inputs } of order) {
    const condition = op === "where" ? inputs[0] : undefined
    if (condition?.op === "greater") counts.set(condition, (counts.get(condition) ?? 0) + 1)
  }
  return new Set([...counts].flatMap(([condition, count]) => (uses.get(condition) === count ? [condition] : [])))
}

/**
 * Lowers a program to kernel calls in order: state, inputs and noise come in, the changed state and the outputs are kept.
 * `backendName`: of whose kernels.
 */
export const lowerProgram = (program: Program, { backendName }: Pick<TfjsEngine, "backendName">): Plan => {
  const changed = Object.entries(program.next).filter(([path]) => !isUnchanged(program, path))
  const roots = [...changed.map(([, tensor]) => tensor), ...Object.values(program.outputs)]
  const order = inputsFirst(roots)
  const absorbed = conditionsOnly(order, useCounts(roots))
  let primitive = "border"
  const emit = makeEmitter(() => primitive)
  const values = new Map<Tensor, Value>()
  const sources: Array<Plan["sources"][number]> = []
  const computed = (tensor: Tensor): Value => {
    const value = values.get(tensor)
    if (value === undefined) throw new Error(`internal: ${signatureOf(tensor)} is used before it is computed`)
    return value
  }
  const context: Context = { emit, computed, truths: new Map(), isWasm: backendName === "wasm" }
  for (const node of order) {
    if (absorbed.has(node)) continue
    primitive = signatureOf(node)
    if (node.op === "placeholder" || node.op === "noise") {
      const value = emit.source(node.shape)
      sources.push({ register: value.register, source: node })
      values.set(node, value)
    } else {
      values.set(node, lowerNode(node, context))
    }
  }

  primitive = "border"
  const owned = new Set<number>()
  const borrowed = new Set([...emit.constants, ...sources].map(({ register }) => register))
  // What is kept needs a register of its own: not one that comes from outside, not one that is kept already, and no view,
  // since its memory is known by one shape (see `lowerMatmul`).
  const keep = (tensor: Tensor): number => {
    const value = emit.own(computed(tensor))
    const taken = borrowed.has(value.register) || owned.has(value.register)
    const { register } = taken ? emit.share(value) : value
    owned.add(register)
    return register
  }
  const next = Object.fromEntries(changed.map(([path, tensor]) => [path, keep(tensor)]))
  const outputs = mapRecord(program.outputs, keep)
  return {
    registers: emit.results.size + emit.constants.length + sources.length,
    constants: emit.constants,
    sources,
    next,
    outputs,
    ...planReleases(emit.instructions, new Set([...owned, ...borrowed]), emit.results)
  }
}

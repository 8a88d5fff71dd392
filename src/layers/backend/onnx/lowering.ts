import { anyBatch, formatAnyShape } from "../../../domain/tensor/anyBatch.ts"
import { arithmeticRules } from "../../../domain/tensor/arithmetic.ts"
import { comparisonRules } from "../../../domain/tensor/comparison.ts"
import { leastSize } from "../../../domain/tensor/convolution.ts"
import { elementwiseRules } from "../../../domain/tensor/elementwise.ts"
import { inputsFirst, useCounts } from "../../../domain/tensor/order.ts"
import { isUnchanged, type Program } from "../../../domain/tensor/Program.ts"
import { shardRules } from "../../../domain/tensor/pmean.ts"
import { signatureOf } from "../../../domain/tensor/print.ts"
import { formatShape, sameShape, sizeOf } from "../../../domain/tensor/Shape.ts"
import type { ConvolutionParameters, Node, Op, Tensor } from "../../../domain/tensor/Tensor.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import {
  convolutionByProduct,
  isBeforeProducts,
  isByProduct,
  isTransposedByProducts,
  kernelGradientOf,
  swapsTwo,
  transposedByProducts
} from "./convolutionProducts.ts"
import { type BatchSource, type Emitter, isSmall, makeEmitter } from "./Emitter.ts"
import {
  channelsLast,
  type Form,
  type Forms,
  formOfElements,
  inForm,
  makeForms,
  reducedForm,
  reshapedForm
} from "./forms.ts"
import { inputName } from "./inputName.ts"
import type { OnnxGraph, OnnxValue } from "./onnxMessages.ts"

/** A program as an ONNX graph, and which of the graph's inputs and outputs are what. */
export interface LoweredProgram {
  readonly graph: OnnxGraph
  /** Graph outputs that are the next state, by path; state that never changes has none. */
  readonly next: Readonly<Record<string, string>>
  /** Graph outputs by the program's names for them. */
  readonly outputs: Readonly<Record<string, string>>
  /** The forms of outputs that are free and not in that of their axes, by the program's names. */
  readonly forms: ReadonlyMap<string, Form>
}

/** How programs are lowered. */
export interface LoweringOptions {
  /**
   * Convolutions as the format's operators, which every engine knows, or as products of matrices, which CPUs are quicker at. With these
   * a softplus of many numbers is made of vectorised operators.
   */
  readonly convolutions?: "operators" | "products"
  /** Placeholders, by name, whose numbers come in another form than that of their axes. */
  readonly given?: ReadonlyMap<string, Form>
  /** Whether an output may be in the form in which it is made; no if left out. */
  readonly isFree?: (output: string) => boolean
}

/** What a lowering rule may ask about its surroundings. */
interface Context {
  readonly emit: Emitter
  /** The graph's name for an operand's value in the form in which the node's own is made. */
  readonly nameOf: (tensor: Tensor) => string
  readonly uses: ReadonlyMap<Tensor, number>
  readonly forms: Forms
  /** Whether convolutions are products of matrices. */
  readonly products: boolean
  /** The name under a key, made if there is none. */
  readonly once: (key: string, make: () => string) => string
}

/** The name of the value, or nothing where the rule has said in which form it is. */
type Lowering<K extends Op> = (node: Node<K>, context: Context) => string | undefined

const microsoft = "com.microsoft"

const direct =
  <K extends Op>(opType: string): Lowering<K> =>
  (node, { emit, nameOf }) =>
    emit.node(opType, node.inputs.map(nameOf))

const lowerings: { readonly [K in Op]: Lowering<K> } = {
  full: ({ parameters: { shape, value } }, { emit }) =>
    isSmall(shape)
      ? emit.floats(shape, new Float32Array(sizeOf(shape)).fill(value))
      : emit.node("Expand", [emit.floats([], [value]), emit.sizes(shape)]),
  constant: ({ parameters: { data } }, { emit }) => emit.floats(data.shape, data.values),
  placeholder: (node) => inputName(node),
  noise: (node) => inputName(node),
  reshape: (node, { emit, forms }) => {
    const [from, to] = reshapedForm(node, forms)
    const sizes = emit.reshapedSizes(inForm(node.shape, to))
    forms.set(node, to, emit.node("Reshape", [forms.of(node.inputs[0], from), sizes]))
    return undefined
  },
  transpose: (node, { emit, nameOf, forms }) =>
    swapsTwo(node) && forms.known(node.inputs[0]).includes("swapped")
      ? forms.of(node.inputs[0], "swapped")
      : emit.node("Transpose", [nameOf(node.inputs[0])], { perm: node.parameters.permutation }),
  slice: (node, { emit, nameOf }) => {
    const { starts, sizes } = node.parameters
    const axes = sizes.flatMap((size, axis) => (size === node.inputs[0].shape[axis] ? [] : [axis]))
    // A whole tensor: ONNX Runtime refuses to slice scalars even by nothing.
    if (axes.length === 0) return emit.node("Identity", [nameOf(node.inputs[0])])
    const from = axes.map((axis) => starts[axis] ?? 0)
    const to = axes.map((axis) => (starts[axis] ?? 0) + (sizes[axis] ?? 0))
    return emit.node("Slice", [nameOf(node.inputs[0]), emit.sizes(from), emit.sizes(to), emit.integers(axes)])
  },
  pad: (node, { emit, nameOf }) =>
    node.shape.length === 0
      ? emit.node("Identity", [nameOf(node.inputs[0])])
      : emit.node("Pad", [nameOf(node.inputs[0]), emit.sizes([...node.parameters.before, ...node.parameters.after])]),
  concatenate: (node, { emit, nameOf }) => emit.node("Concat", node.inputs.map(nameOf), { axis: node.parameters.axis }),
  broadcast: (node, { emit, nameOf }) => emit.node("Expand", [nameOf(node.inputs[0]), emit.sizes(node.shape)]),
  sum: (node, { emit, forms }) => {
    const { from, axes, to } = reducedForm(node, forms)
    const summed = (name: string, over: ReadonlyArray<number>, keepAxes: boolean): string =>
      emit.node("ReduceSum", [name, emit.integers(over)], { keepdims: Number(keepAxes), noop_with_empty_axes: 1 })
    const given = forms.of(node.inputs[0], from)
    // Of channels last the inner axis first: the engine is slow at sums over long columns.
    const inner = from === "plain" || axes.length < 2 ? [] : axes.slice(-1)
    const first = inner.length === 0 ? given : summed(given, inner, true)
    forms.set(node, to, summed(first, axes, node.parameters.keepAxes))
    return undefined
  },
  add: (node, context) => lowerProductAndSum(node, context) ?? direct<"add">("Add")(node, context),
  subtract: direct("Sub"),
  multiply: direct("Mul"),
  divide: direct("Div"),
  negate: direct("Neg"),
  greater: (node, context) => context.emit.node("Cast", [lowerComparison(node, context)], { to: 1 }),
  where: (node, context) => {
    const { emit, nameOf } = context
    const [condition, whenTrue, otherwise] = node.inputs
    const truth =
      condition.op === "greater"
        ? lowerComparison(condition, context)
        : emit.node("Cast", [nameOf(condition)], { to: 9 })
    return emit.node("Where", [truth, nameOf(whenTrue), nameOf(otherwise)])
  },
  maximum: direct("Max"),
  clamp: (node, { emit, nameOf }) => {
    const { lowest, highest } = node.parameters
    return emit.node("Clip", [nameOf(node.inputs[0]), emit.floats([], [lowest]), emit.floats([], [highest])])
  },
  exp: direct("Exp"),
  log: direct("Log"),
  sqrt: direct("Sqrt"),
  sin: direct("Sin"),
  cos: direct("Cos"),
  tanh: direct("Tanh"),
  sigmoid: direct("Sigmoid"),
  softplus: (node, context) =>
    context.products && sizeOf(node.shape) >= manyNumbers
      ? softplusByParts(node, context)
      : direct<"softplus">("Softplus")(node, context),
  relu: direct("Relu"),
  stopGradient: direct("Identity"),
  // Of one shard: the stages of several have it as an input.
  pmean: direct("Identity"),
  max: (node, { emit, nameOf }) =>
    emit.node("ReduceMax", [nameOf(node.inputs[0]), emit.integers(node.parameters.axes)], {
      keepdims: Number(node.parameters.keepAxes),
      noop_with_empty_axes: 1
    }),
  softmax: (node, { emit, nameOf }) => emit.node("Softmax", [nameOf(node.inputs[0])], { axis: -1 }),
  matmul: (node, { emit, nameOf }) => {
    const { transposeA, transposeB } = node.parameters
    const inputs = node.inputs.map(nameOf)
    const [transA, transB] = [Number(transposeA), Number(transposeB)]
    if (node.shape.length === 2) return emit.node("Gemm", inputs, { transA, transB })
    return transposeA || transposeB
      ? emit.node("FusedMatMul", inputs, { transA, transB }, microsoft)
      : emit.node("MatMul", inputs)
  },
  conv2d: (node, context) => {
    const { emit, nameOf, forms, products } = context
    if (products && isByProduct(node)) {
      convolutionByProduct(context, node)
      return undefined
    }
    const images = emit.node("Conv", node.inputs.map(nameOf), convolutionAttributes(node.parameters))
    if (!products || !isBeforeProducts(node)) return images
    forms.set(node, channelsLast, emit.node("Transpose", [images], { perm: [0, 2, 3, 1] }))
    return undefined
  },
  convTranspose2d: (node, context) => {
    const { emit, nameOf, products } = context
    if (products && isTransposedByProducts(node)) {
      transposedByProducts(context, node)
      return undefined
    }
    const { size, ...parameters } = node.parameters
    const [y, kernel] = node.inputs
    const least = leastSize(parameters, y.shape, kernel.shape)
    return emit.node("ConvTranspose", [nameOf(y), nameOf(kernel)], {
      ...convolutionAttributes(parameters),
      output_padding: [size[0] - least[0], size[1] - least[1]]
    })
  }
}

const convolutionAttributes = ({ strides, dilations, before, after }: ConvolutionParameters) => ({
  strides,
  dilations,
  pads: [...before, ...after]
})

/** A comparison as booleans, once in each form. */
const lowerComparison = (node: Node<"greater">, { emit, nameOf, once }: Context): string => {
  const operands = node.inputs.map(nameOf)
  return once(`greater ${operands.join()}`, () => emit.node("Greater", operands))
}

/** `A B + C` as one operator, where the product is a matrix that nothing else uses. */
const lowerProductAndSum = (node: Node<"add">, { emit, nameOf, uses }: Context): string | undefined => {
  const product = productWithin(node, uses)
  if (product === undefined) return undefined
  const summand = product === node.inputs[0] ? node.inputs[1] : node.inputs[0]
  const { transposeA, transposeB } = product.parameters
  return emit.node("Gemm", [...product.inputs, summand].map(nameOf), {
    transA: Number(transposeA),
    transB: Number(transposeB)
  })
}

/** From so many numbers on, ten vectorised operators take less time than ONNX Runtime's softplus on a CPU, which makes one number at a time. */
const manyNumbers = 4096

/**
 * max(x, 0) + log(1 + z), z being exp(-|x|). With u the float32 number nearest 1 + z, log(1 + z) is log u + (z - (u - 1)) / u, as near as float32 comes to it
 * however small z is.
 */
const softplusByParts = ({ inputs: [x] }: Node<"softplus">, { emit, nameOf }: Context): string => {
  const [given, one] = [nameOf(x), emit.floats([], [1])]
  const z = emit.node("Exp", [emit.node("Neg", [emit.node("Abs", [given])])])
  const u = emit.node("Add", [z, one])
  const lost = emit.node("Sub", [z, emit.node("Sub", [u, one])])
  const logarithm = emit.node("Add", [emit.node("Log", [u]), emit.node("Div", [lost, u])])
  return emit.node("Add", [emit.node("Relu", [given]), logarithm])
}

const productWithin = (sum: Node<"add">, uses: ReadonlyMap<Tensor, number>): Node<"matmul"> | undefined =>
  sum.inputs
    .filter((term) => term.op === "matmul")
    .find((term) => term.shape.length === 2 && sameShape(term.shape, sum.shape) && uses.get(term) === 1)

/** Expressions that are computed as part of whatever uses them, and so need no operator of their own. */
const absorbedOnes = (
  order: ReadonlyArray<Tensor>,
  uses: ReadonlyMap<Tensor, number>,
  products: boolean
): ReadonlySet<Tensor> => {
  const conditions = new Map<Tensor, number>()
  const swaps = new Map<Tensor, number>()
  const absorbed = new Set<Tensor>()
  for (const node of order) {
    const product = node.op === "add" ? productWithin(node, uses) : undefined
    if (product !== undefined) absorbed.add(product)
    if (node.op === "where") conditions.set(node.inputs[0], (conditions.get(node.inputs[0]) ?? 0) + 1)
    if (products && node.op === "conv2d" && kernelGradientOf(node) !== undefined && isByProduct(node)) {
      for (const swap of node.inputs) swaps.set(swap, (swaps.get(swap) ?? 0) + 1)
    }
  }
  for (const [swap, count] of swaps) if (uses.get(swap) === count) absorbed.add(swap)
  for (const [condition, count] of conditions) {
    if (condition.op === "greater" && uses.get(condition) === count) absorbed.add(condition)
  }
  return absorbed
}

/** Primitives that make each number of one of each operand. */
const elementwise: ReadonlySet<string> = new Set(
  Object.keys({ ...arithmeticRules, ...comparisonRules, ...elementwiseRules, ...shardRules })
)

const lowerNode = <K extends Op>(node: Node<K>, context: Context): string | undefined =>
  lowerings[node.op](node, context)

/**
 * Lowers a program to one ONNX graph: state, inputs and noise come in, the changed state and the outputs go out. That of a program
 * for any batch has the batch as axes called `batch`.
 */
export const lowerProgram = (
  program: Program,
  { convolutions = "operators", given = new Map<string, Form>(), isFree = () => false }: LoweringOptions = {}
): LoweredProgram => {
  const changed = Object.entries(program.next).filter(([path]) => !isUnchanged(program, path))
  const roots = [...changed.map(([, tensor]) => tensor), ...Object.values(program.outputs)]
  const order = inputsFirst(roots)
  const uses = useCounts(roots)
  const products = convolutions === "products"
  const absorbed = absorbedOnes(order, uses, products)
  const formOf = (source: Node<"placeholder"> | Node<"noise">): Form =>
    source.op === "placeholder" ? (given.get(source.parameters.name) ?? "plain") : "plain"
  const inputs = order
    .filter((node) => node.op === "placeholder" || node.op === "noise")
    .map((source) => ({ name: inputName(source), shape: inForm(source.shape, formOf(source)) }))
  let label = "border"
  const batch =
    program.forAnyBatch === undefined
      ? undefined
      : inputs
          .map(({ name, shape }): BatchSource => ({ input: name, axis: shape.indexOf(anyBatch) }))
          .find(({ axis }) => axis >= 0)
  const emit = makeEmitter(() => label, new Set(inputs.map(({ name }) => name)), batch)
  const forms = makeForms(emit)
  const known = new Map<string, string>()
  const once = (key: string, make: () => string): string => {
    const name = known.get(key) ?? make()
    known.set(key, name)
    return name
  }
  const context: Omit<Context, "nameOf"> = { emit, uses, forms, products, once }
  for (const node of order) {
    if (absorbed.has(node)) continue
    label = signatureOf(node, program.forAnyBatch === true ? formatAnyShape : formatShape)
    const form =
      node.op === "placeholder" ? formOf(node) : elementwise.has(node.op) ? formOfElements(node, forms) : "plain"
    const nameOf = (operand: Tensor): string =>
      forms.of(operand, operand.shape.length === node.shape.length ? form : "plain")
    const name = lowerNode(node, { ...context, nameOf })
    if (name !== undefined) forms.set(node, form, name)
  }

  label = "border"
  const outputs: Array<OnnxValue> = []
  const freed = new Map<string, Form>()
  // An output needs a name of its own: not an input's, and not another output's.
  const output = (tensor: Tensor, form: Form): string => {
    const direct = forms.of(tensor, form)
    const taken = tensor.inputs.length === 0 || outputs.some(({ name }) => name === direct)
    const name = taken ? emit.node("Identity", [direct]) : direct
    outputs.push({ name, shape: inForm(tensor.shape, form) })
    return name
  }
  const next = Object.fromEntries(changed.map(([path, tensor]) => [path, output(tensor, "plain")]))
  const results = mapRecord(program.outputs, (tensor, name) => {
    const [made = "plain"] = isFree(name) ? forms.known(tensor) : []
    if (made !== "plain") freed.set(name, made)
    return output(tensor, made)
  })
  return {
    graph: {
      name: program.name,
      nodes: emit.nodes,
      constants: emit.constants,
      inputs,
      outputs,
      ...(program.forAnyBatch === undefined ? {} : { forAnyBatch: program.forAnyBatch })
    },
    next,
    outputs: results,
    forms: freed
  }
}

import { grows } from "../../../domain/tensor/anyBatch.ts"
import { sizeOf } from "../../../domain/tensor/Shape.ts"
import type { Node, RowsAndColumns, Tensor } from "../../../domain/tensor/Tensor.ts"
import { type Meetings, type Moves, meetingsOf, phasesOf, planeOf, upTo } from "./convolutionGeometry.ts"
import type { Emitter } from "./Emitter.ts"
import { channelsLast, type Forms } from "./forms.ts"

/**
 * Convolutions as products of matrices: of patches, one row for each result, with the kernel.
 *
 * ONNX Runtime's own `Conv` multiplies image by image, by matrices as narrow as an image has pixels, and `ConvTranspose` adds up what such
 * products have made. One product for many images runs at twice their rate on a CPU, even with the patches laid out in memory first
 * (docs/performance.md): with channels last that is one gathering of whole runs of numbers.
 */
interface Context {
  readonly emit: Emitter
  readonly forms: Forms
  /** The name under a key, made if there is none. */
  readonly once: (key: string, make: () => string) => string
}

/** Bytes of patches at a time: they are read from a core's cache, in which they were made. */
const partBytes = 3 * 2 ** 18

/** Of fewer channels patches are gathered in runs of too few numbers, to fewer matrices have too few columns. */
const [leastChannels, leastColumns] = [16, 8]

/**
 * Bytes that the patches of one example may have, for a convolution and for a phase of a transposed one. Of larger images too few examples'
 * patches fit into a cache, and the engine's own matrices are wide enough.
 */
const [mostBytes, mostBytesOfPhase] = [2 ** 17, 2 ** 16]

/** Images that go on channels last. */
const mostPixels = 256

const isKnown = ({ shape }: Tensor): boolean => !shape.some(grows)

const bytesOfPatches = (results: number, kernel: Tensor, channels: number): number =>
  4 * results * sizeOf(planeOf(kernel)) * channels

/** Whether it pays to compute a convolution as a product: of enough channels, for small images, of sizes that are known. */
export const isByProduct = (node: Node<"conv2d">): boolean => {
  if (!node.inputs.every(isKnown)) return false
  const [
    {
      shape: [, channels = 1]
    },
    kernel
  ] = node.inputs
  const gradient = kernelGradientOf(node)
  if (gradient !== undefined) {
    const [from = 1, to = 1] = node.shape
    return to >= leastColumns && bytesOfPatches(sizeOf(planeOf(gradient.y)), node, from) <= mostBytes
  }
  // By a kernel of one entry the engine multiplies images as they are.
  const isSpread = sizeOf(planeOf(kernel)) > 1
  const isWide = channels >= leastChannels && (kernel.shape[0] ?? 1) >= leastColumns
  return isWide && isSpread && bytesOfPatches(sizeOf(planeOf(node)), kernel, channels) <= mostBytes
}

/** Whether what the engine has made of few channels goes on as the images of products do, channels last: it is small and has many. */
export const isBeforeProducts = (node: Node<"conv2d">): boolean =>
  kernelGradientOf(node) === undefined &&
  isKnown(node) &&
  (node.inputs[0].shape[1] ?? 1) < leastChannels &&
  (node.shape[1] ?? 1) >= leastChannels &&
  sizeOf(planeOf(node)) <= mostPixels

/** Whether it pays to compute a transposed convolution as products: as of a convolution, and if each pixel of its result meets the kernel somewhere. */
export const isTransposedByProducts = (node: Node<"convTranspose2d">): boolean => {
  const [y, kernel] = node.inputs
  return (
    node.inputs.every(isKnown) &&
    kernel.shape.slice(0, 2).every((channels) => channels >= leastChannels) &&
    sizeOf(planeOf(kernel)) > 1 &&
    phasesOfNode(node).every(
      ({ entries, pixels }) => entries > 0 && 4 * pixels.length * (y.shape[1] ?? 1) <= mostBytesOfPhase
    )
  )
}

/** Some of a batch's examples. */
interface Part {
  readonly from: number
  readonly count: number
}

/** A batch in parts of nearly equal size, by how many numbers the patches of an example are. */
const partsOf = (batch: number, numbers: number): ReadonlyArray<Part> => {
  const parts = Math.min(batch, Math.ceil((4 * batch * numbers) / partBytes))
  return upTo(parts).map((part) => {
    const from = Math.floor((part * batch) / parts)
    return { from, count: Math.floor(((part + 1) * batch) / parts) - from }
  })
}

const reshaped = ({ emit }: Context, name: string, shape: ReadonlyArray<number>): string =>
  emit.node("Reshape", [name, emit.integers(shape)])

const transposed = ({ emit }: Context, name: string, perm: ReadonlyArray<number>): string =>
  emit.node("Transpose", [name], { perm })

const gathered = ({ emit, once }: Context, name: string, places: ReadonlyArray<number>): string =>
  emit.node("Gather", [name, once(`places ${places.join()}`, () => emit.integers(places))], { axis: 1 })

const joined = ({ emit }: Context, parts: ReadonlyArray<string>, axis: number): string =>
  parts.length === 1 ? (parts[0] ?? "") : emit.node("Concat", parts, { axis })

/** The examples of a part, of images channels last, as `[count, pixels, channels]`. */
const pixelsOf = (context: Context, images: Tensor, { from, count }: Part): string => {
  const { emit, forms, once } = context
  const [batch = 1, channels = 1] = images.shape
  const name = forms.of(images, channelsLast)
  const all = once(`pixels ${name}`, () => reshaped(context, name, [batch, sizeOf(planeOf(images)), channels]))
  return count === batch
    ? all
    : once(`pixels ${name} ${from} ${count}`, () =>
        emit.node("Slice", [all, emit.integers([from]), emit.integers([from + count]), emit.integers([0])])
      )
}

/** What each result of a convolution of some images is made of, `[count results, entries channels]`. */
const patchesOf = (context: Context, images: Tensor, part: Part, { pixels, entries }: Meetings): string => {
  const { emit, once } = context
  const [outside, channels = 1] = [sizeOf(planeOf(images)), images.shape[1]]
  const some = pixelsOf(context, images, part)
  const isAll = pixels.length === outside && pixels.every((pixel, i) => pixel === i)
  const padded = pixels.includes(outside)
    ? once(`padded ${some}`, () => emit.node("Pad", [some, emit.integers([0, 0, 0, 0, 1, 0])]))
    : some
  return reshaped(context, isAll ? some : gathered(context, padded, pixels), [
    part.count * (pixels.length / entries),
    entries * channels
  ])
}

const timesTransposed = ({ emit }: Context, a: string, b: string): string =>
  emit.node("FusedMatMul", [a, b], { transA: 0, transB: 1 }, "com.microsoft")

/**
 * A convolution, channels last:
 *
 *     y[(b, i, j), o] = sum over (p, q, c) of patches[(b, i, j), (p, q, c)] k[o, (p, q, c)]
 */
const imagesByProduct = (context: Context, node: Node<"conv2d">): void => {
  const [x, kernel] = node.inputs
  const [[batch = 1], [outputs = 1, channels = 1]] = [node.shape, kernel.shape]
  const meetings = meetingsOf(node.parameters, { size: planeOf(x), results: planeOf(node), kernel: planeOf(kernel) })
  const apart = reshaped(context, context.forms.of(kernel, "plain"), [outputs, channels, meetings.entries])
  const matrix = reshaped(context, transposed(context, apart, [0, 2, 1]), [outputs, meetings.entries * channels])
  const parts = partsOf(batch, meetings.pixels.length * channels).map((part) =>
    timesTransposed(context, patchesOf(context, x, part, meetings), matrix)
  )
  setImages(context, node, joined(context, parts, 0))
}

/** Says that a node's images are there, channels last, from rows of them. */
const setImages = (context: Context, node: Tensor, rows: string): void => {
  const [batch = 1, channels = 1] = node.shape
  context.forms.set(node, channelsLast, reshaped(context, rows, [batch, ...planeOf(node), channels]))
}

/** A convolution that is the gradient of another by the kernel: of that of `x`, whose result has the cotangent `y`. */
interface KernelGradient {
  readonly x: Tensor
  readonly y: Tensor
  readonly moves: Moves
}

/** `kernelCotangent` makes a convolution of images and a kernel whose batch and channels are in each other's place. */
export const kernelGradientOf = (node: Node<"conv2d">): KernelGradient | undefined => {
  const [x, y] = node.inputs
  if (!swapsTwo(x) || !swapsTwo(y)) return undefined
  const { strides, dilations, before } = node.parameters
  return { x: x.inputs[0], y: y.inputs[0], moves: { strides: dilations, dilations: strides, before } }
}

/** Whether a node has batch and channels of its input in each other's place. */
export const swapsTwo = (node: Tensor): node is Node<"transpose"> =>
  node.op === "transpose" && node.parameters.permutation.join() === "1,0,2,3"

/** `dk[(p, q, c), o] = sum over (b, i, j) of patches[(b, i, j), (p, q, c)] y[(b, i, j), o]`, and then in the order of a kernel. */
const kernelGradientByProduct = (context: Context, node: Node<"conv2d">, { x, y, moves }: KernelGradient): void => {
  const [[channels = 1, outputs = 1], [batch = 1]] = [node.shape, y.shape]
  const kernel: RowsAndColumns = planeOf(node)
  const meetings = meetingsOf(moves, { size: planeOf(x), results: planeOf(y), kernel })
  // The matrix of cotangents is the narrower one, and stands on the right: the engine is quicker at that.
  let before: ReadonlyArray<string> = []
  for (const part of partsOf(batch, meetings.pixels.length * channels)) {
    const results = reshaped(context, pixelsOf(context, y, part), [part.count * sizeOf(planeOf(y)), outputs])
    const operands = [patchesOf(context, x, part, meetings), results, ...before]
    before = [context.emit.node("Gemm", operands, { transA: 1, transB: 0 })]
  }
  const rows = transposed(context, before[0] ?? "", [1, 0])
  const entries = transposed(context, reshaped(context, rows, [outputs, meetings.entries, channels]), [0, 2, 1])
  context.forms.set(node, "swapped", reshaped(context, entries, [outputs, channels, ...kernel]))
}

/** A convolution, or the gradient of one by its kernel. */
export const convolutionByProduct = (context: Context, node: Node<"conv2d">): void => {
  const gradient = kernelGradientOf(node)
  if (gradient === undefined) imagesByProduct(context, node)
  else kernelGradientByProduct(context, node, gradient)
}

const phasesOfNode = (node: Node<"convTranspose2d">) => {
  const [y, kernel] = node.inputs
  return phasesOf(node.parameters, { size: planeOf(node), from: planeOf(y), kernel: planeOf(kernel) })
}

/** A transposed convolution, channels last: a product for each phase of its strides, with the entries of the kernel that it meets. */
export const transposedByProducts = (context: Context, node: Node<"convTranspose2d">): void => {
  const [y, kernel] = node.inputs
  const [[batch = 1], [outputs = 1, channels = 1]] = [node.shape, kernel.shape]
  const all = sizeOf(planeOf(kernel))
  const rows = reshaped(context, context.forms.of(kernel, "plain"), [outputs, channels * all])
  const entries = reshaped(context, transposed(context, rows, [1, 0]), [channels, all, outputs])
  const phases = phasesOfNode(node).map((phase) => {
    const met = phase.entries === all ? entries : gathered(context, entries, phase.places)
    return { ...phase, matrix: reshaped(context, met, [channels, phase.entries * outputs]) }
  })
  const order = phases.flatMap(({ results }) => results)
  const places = upTo(order.length).map((pixel) => order.indexOf(pixel))
  const most = Math.max(...phases.map(({ pixels }) => pixels.length))
  const parts = partsOf(batch, most * outputs).map((part) => {
    const made = phases.map(({ matrix, results, ...meetings }) =>
      reshaped(context, timesTransposed(context, patchesOf(context, y, part, meetings), matrix), [
        part.count,
        results.length,
        channels
      ])
    )
    const pixels = joined(context, made, 1)
    return phases.length === 1 ? pixels : gathered(context, pixels, places)
  })
  setImages(context, node, joined(context, parts, 0))
}

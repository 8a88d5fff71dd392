import { flopOf } from "../cost.ts"
import { sizeOf } from "../Shape.ts"
import type { Tensor } from "../Tensor.ts"

/**
 * About how long a primitive takes, in nanoseconds: a call, its arithmetic, and the memory that it reads and writes. The rates are
 * those of one core as ONNX Runtime was measured on (AVX-512; docs/performance.md). They need not be right to decide between two
 * forms of the same value: what counts is that copies cost, that a call costs, and that a narrow product costs as much as 16 columns.
 */
export const estimate = (node: Tensor): number => {
  switch (node.op) {
    case "full":
    case "constant":
    case "placeholder":
    case "noise":
      return 0
    case "reshape":
    case "stopGradient":
      return call
    case "slice":
      // It reads no more than it gives.
      return call + bytesOf([node, node]) / bytesEachNanosecond
    case "matmul": {
      const columns = node.shape.at(-1) ?? 1
      const [a, b] = node.inputs
      // The kernel works on blocks of 16 columns, and packs the right operand first.
      const padded = Math.ceil(columns / block) / (columns / block)
      return call + (flopOf(node) * padded) / flopEachNanosecond + bytesOf([node, a, b, b]) / bytesEachNanosecond
    }
    default:
      return call + flopOf(node) / flopEachNanosecond + bytesOf([node, ...node.inputs]) / bytesEachNanosecond
  }
}

/** The estimate of several primitives. */
export const estimateAll = (nodes: Iterable<Tensor>): number => {
  let total = 0
  for (const node of nodes) total += estimate(node)
  return total
}

const call = 500
const block = 16
const flopEachNanosecond = 100
const bytesEachNanosecond = 40

const bytesOf = (tensors: ReadonlyArray<Tensor>): number =>
  tensors.reduce((total, { shape }) => total + 4 * sizeOf(shape), 0)

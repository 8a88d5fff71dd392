import { matmul } from "../matmul.ts"
import { transpose } from "../movement.ts"
import type { Tensor } from "../Tensor.ts"
import { rewriteNodes } from "./rewriteNodes.ts"

/**
 * The expressions without products of batches of matrices that take an operand transposed: standard ONNX has no such
 * operator, so the operand is transposed beforehand. To be done after simplification, which would join the two again.
 */
export const plainProducts = (roots: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> =>
  rewriteNodes(roots, (node) => {
    if (node.op !== "matmul" || node.shape.length === 2) return node
    const { transposeA, transposeB } = node.parameters
    if (!transposeA && !transposeB) return node
    const [a, b] = node.inputs
    return matmul(transposeA ? swapLastTwo(a) : a, transposeB ? swapLastTwo(b) : b)
  })

const swapLastTwo = (x: Tensor): Tensor => {
  const axes = x.shape.map((_, axis) => axis)
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2])
}

import { unbroadcast } from "./broadcast.ts"
import { reshape } from "./movement.ts"
import { build, Mismatch, type Rules } from "./Rule.ts"
import { broadcastShapes, type Shape, sizeOf } from "./Shape.ts"
import type { Tensor } from "./Tensor.ts"

const matrixOf = (shape: Shape, transposed: boolean): readonly [rows: number, columns: number] => {
  const [rows = 1, columns = 1] = shape.slice(-2)
  return transposed ? [columns, rows] : [rows, columns]
}

export const matmulRules: Rules<"matmul"> = {
  // Y = A' B' over the last two axes, A' = A or A^T, B' = B or B^T; leading axes are stretched to one another
  matmul: {
    shape: ({ transposeA, transposeB }, inputs) => {
      const [a = [], b = []] = inputs
      if (a.length < 2 || b.length < 2) throw new Mismatch("needs matrices (rank 2 or more)")
      const [rows, inner] = matrixOf(a, transposeA)
      const [innerB, columns] = matrixOf(b, transposeB)
      const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2))
      const flags = `${transposeA ? ", the first transposed" : ""}${transposeB ? ", the second transposed" : ""}`
      if (inner !== innerB) throw new Mismatch(`inner sizes ${inner} and ${innerB} differ${flags}`)
      if (batch === undefined) throw new Mismatch("leading axes do not fit one another")
      return [...batch, rows, columns]
    },
    // Y = A B:  dA = g B^T, dB = A^T g, and the transposes of these where an operand is used transposed
    gradient: (node, g) => {
      const [a, b] = node.inputs
      const { transposeA, transposeB } = node.parameters
      const forA = transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true })
        : matmul(g, b, { transposeB: !transposeB })
      const forB = transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, g, { transposeA: !transposeA })
      return [unbroadcast(forA, a.shape), unbroadcast(forB, b.shape)]
    }
  }
}

/**
 * The matrix product over the last two axes: `[.., n, k] x [.., k, m] -> [.., n, m]`, either operand transposed on request.
 * Leading axes are stretched to one another.
 */
export const matmul = (
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {}
): Tensor => {
  // One matrix for the whole batch: a single large product instead of many small ones, forwards and backwards.
  if (b.shape.length === 2 && a.shape.length > 2 && !transposeA) {
    const inner = a.shape.at(-1) ?? 1
    const rows = reshape(a, [sizeOf(a.shape) / inner, inner])
    const product = matmul(rows, b, { transposeB })
    return reshape(product, [...a.shape.slice(0, -1), product.shape.at(-1) ?? 1])
  }
  return build(matmulRules.matmul, "matmul", { transposeA, transposeB }, [a, b])
}

import { conv2d } from "../../../domain/tensor/convolution.ts"
import { pad } from "../../../domain/tensor/movement.ts"
import type { Program } from "../../../domain/tensor/Program.ts"
import { plainProducts } from "../../../domain/tensor/rewrite/plainProducts.ts"
import { rewriteNodes } from "../../../domain/tensor/rewrite/rewriteNodes.ts"
import type { Node, Tensor } from "../../../domain/tensor/Tensor.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"

/**
 * The same program, of what ONNX Runtime's WebGPU provider (1.30) computes, and computes correctly. It has no kernel for
 * products of batches that transpose an operand: the operand is transposed beforehand. Its convolution of some numbers of
 * channels is wrong (`isMiscomputed`): they get one more, of zeros.
 */
export const forWebGpu = <Input extends string, Output extends string>(
  program: Program<Input, Output>
): Program<Input, Output> => {
  const given = [...new Set([...Object.values(program.next), ...Object.values<Tensor>(program.outputs)])]
  // All together, so that what is shared stays so.
  const rewritten = rewriteNodes(plainProducts(given), (node) =>
    node.op === "conv2d" && isMiscomputed(node) ? withOneMoreChannel(node) : node
  )
  const replaced = new Map(given.map((tensor, i) => [tensor, rewritten[i] ?? tensor]))
  const inRecord = <K extends string>(record: Readonly<Record<K, Tensor>>): Readonly<Record<K, Tensor>> =>
    mapRecord(record, (tensor) => replaced.get(tensor) ?? tensor)
  return { ...program, next: inRecord(program.next), outputs: inRecord(program.outputs) }
}

/**
 * Found by trying 1 to 27 channels to 1 to 16: wrong are those to a multiple of 4 from 6, 9, 15, 18, .., multiples of 3
 * above 3 that are none of 4. (A kernel of one entry is right, but not worth telling apart.)
 */
const isMiscomputed = ({ inputs: [x, kernel] }: Node<"conv2d">): boolean => {
  const [from = 0, to = 0] = [x.shape[1], kernel.shape[0]]
  return from > 3 && from % 3 === 0 && from % 4 !== 0 && to % 4 === 0
}

const withOneMoreChannel = ({ inputs: [x, kernel], parameters }: Node<"conv2d">): Tensor => {
  const { strides, dilations, before, after } = parameters
  const widened = (tensor: Tensor): Tensor => pad(tensor, [0, 0, 0, 0], [0, 1, 0, 0])
  return conv2d(widened(x), widened(kernel), { strides, dilations, padding: { before, after } })
}

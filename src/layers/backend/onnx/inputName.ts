import type { Node } from "../../../domain/tensor/Tensor.ts"

/** Names that a graph, a kernel and a record can all have, and that no noise has. */
const plain = /^(?!__proto__$)[\w ./-]+$/u

/**
 * The name of a source's value: in graphs, kernels and between them. Whatever streams and placeholders are called, no two have
 * the same, and none has characters that get lost on the way into the engine.
 */
export const inputName = (source: Node<"placeholder"> | Node<"noise">): string => {
  if (source.op === "noise") return `noise:${JSON.stringify(source.parameters.stream)}`
  const { name } = source.parameters
  return plain.test(name) ? name : JSON.stringify(name)
}

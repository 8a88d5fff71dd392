import type { Node } from "../../../domain/tensor/Tensor.ts"

/** The name of a source's value: in graphs, kernels and between them. Whatever streams and placeholders are called, no two have the same. */
export const inputName = (source: Node<"placeholder"> | Node<"noise">): string => {
  if (source.op === "noise") return `noise:${source.parameters.stream}`
  const { name } = source.parameters
  return /^(noise|placeholder):/.test(name) ? `placeholder:${name}` : name
}

import type { standardNormal } from "../../../domain/random/noise.ts"
import { openNumbers } from "./kernelNumbers.ts"
import { normalLayout, writeNormalKernel } from "./normalKernel.ts"

/** `standardNormal`, the same to the bit, by a vectorised kernel; the kernel's memory goes with what is returned. */
export const openNormals = (): typeof standardNormal => {
  const draw = openNumbers(writeNormalKernel(), normalLayout)
  return (key, length, offset) => new Float32Array(draw(key, length, offset).buffer)
}

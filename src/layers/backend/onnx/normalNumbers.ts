import { generatorAt, type standardNormal } from "../../../domain/random/noise.ts"
import { BLOCK_WORDS } from "../../../domain/random/threefry.ts"
import { kernelMemory, startKernel } from "./kernelMemory.ts"
import { normalLayout, writeNormalKernel } from "./normalKernel.ts"

/** `standardNormal`, the same to the bit, by a vectorised kernel; the kernel's memory goes with what is returned. */
export const openNormals = (): typeof standardNormal => {
  const memory = kernelMemory(normalLayout.bytes)
  const kernel = startKernel(writeNormalKernel(), memory)
  const made = new Float32Array(memory.buffer, normalLayout.values, normalLayout.words)
  return (key, length, offset = 0) => {
    const { generatorKey, counter, skip } = generatorAt(key, length, offset)
    const values = new Float32Array(length)
    const [low, high, ...step] = counter
    // `begin` is where the kernel's first word goes: before the first value if words of its block are left out.
    for (let begin = -skip, block = low >>> 0; begin < length; begin += normalLayout.words) {
      const count = Math.min(normalLayout.words, length - begin)
      kernel(Math.ceil(count / 16) * 64, ...generatorKey, block | 0, (high + Math.floor(block / 2 ** 32)) | 0, ...step)
      const from = Math.max(0, -begin)
      values.set(made.subarray(from, count), begin + from)
      block += normalLayout.words / BLOCK_WORDS
    }
    return values
  }
}

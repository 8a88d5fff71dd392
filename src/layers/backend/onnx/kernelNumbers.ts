import { generatorAt, type NoiseKey } from "../../../domain/random/noise.ts"
import { BLOCK_WORDS } from "../../../domain/random/threefry.ts"
import { kernelMemory, startKernel } from "./kernelMemory.ts"

/** Where a kernel that is run for at most so many random words leaves what it makes of each, four bytes, in how much memory. */
export interface NumberLayout {
  readonly words: number
  readonly values: number
  readonly bytes: number
}

/**
 * Opens a kernel whose `run(bytes, key (four words), counter (four words))` makes a number of each of this many bytes of random words, a
 * multiple of 64. Gives a function that draws any stretch of a key's numbers, as bits; it throws as `generatorAt` does. The kernel's memory
 * goes with it.
 */
export const openNumbers = (kernel: Uint8Array<ArrayBuffer>, { words, values, bytes }: NumberLayout) => {
  const memory = kernelMemory(bytes)
  const run = startKernel(kernel, memory)
  const made = new Int32Array(memory.buffer, values, words)
  return (key: NoiseKey, length: number, offset = 0): Int32Array<ArrayBuffer> => {
    const { generatorKey, counter, skip } = generatorAt(key, length, offset)
    const numbers = new Int32Array(length)
    const [low, high, ...step] = counter
    // `begin` is where the kernel's first word goes: before the first number if words of its block are left out.
    for (let begin = -skip, block = low >>> 0; begin < length; begin += words) {
      const count = Math.min(words, length - begin)
      run(Math.ceil(count / 16) * 64, ...generatorKey, block | 0, (high + Math.floor(block / 2 ** 32)) | 0, ...step)
      const from = Math.max(0, -begin)
      numbers.set(made.subarray(from, count), begin + from)
      block += words / BLOCK_WORDS
    }
    return numbers
  }
}

import type { randomWords } from "../../../domain/random/noise.ts"
import { type NumberLayout, openNumbers } from "./kernelNumbers.ts"
import { kernelOf } from "./kernelWriter.ts"
import { writeBlocks } from "./threefryCode.ts"

/** Where the kernel leaves the words, and nothing else. */
const layout: NumberLayout = { words: 4096, values: 0, bytes: 4 * 4096 }

/** `randomWords`, the same to the bit, four blocks at a time; the kernel's memory goes with what is returned. */
export const openWords = (): typeof randomWords => openNumbers(writeWordKernel(), layout)

const writeWordKernel = (): Uint8Array<ArrayBuffer> =>
  kernelOf({ integers: 9, numbers: 0 }, (writer) => {
    const at = writer.variable("i32")
    writeBlocks(writer, at, (words) => {
      words.forEach((word, i) => {
        writer.store(at.value, word, 16 * i)
      })
    })
  })

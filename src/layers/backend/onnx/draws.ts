import type { Draws } from "../../../domain/random/noiseSource.ts"
import { openNormals } from "./normalNumbers.ts"
import { openWords } from "./wordKernel.ts"

/** Draws by vectorised kernels, the same to the bit as without; each is opened when it is first needed. */
export const openDraws = (): Draws => {
  let normals: Draws["normals"] | undefined
  let words: Draws["words"] | undefined
  return {
    normals: (...of) => {
      normals ??= openNormals()
      return normals(...of)
    },
    words: (...of) => {
      words ??= openWords()
      return words(...of)
    }
  }
}

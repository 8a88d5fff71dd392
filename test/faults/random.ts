/** Whole numbers from 0 to below `n`, each draw a pure function of the seed and the draws before (xorshift32). */
export type Draw = (n: number) => number

export const drawsOf = (seed: number): Draw => {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1
  return (n) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return Math.floor(((state >>> 0) / 2 ** 32) * n)
  }
}

import * as Result from "effect/Result"
import { permutation } from "../random/permutation.ts"

/** How images are divided; a number that is left out is a sixth of all, rounded down, but of `test` at least 1. */
export interface SplitSettings {
  readonly validation?: number | undefined
  readonly test?: number | undefined
  /** Which are kept from training: random ones (if left out), or the last. */
  readonly split?: "random" | "last" | undefined
  /** Of the random choice; 0 if left out. */
  readonly splitSeed?: number | undefined
}

/** Indices of images; every one of `0 .. count - 1` is in exactly one of the three. */
export interface Split {
  readonly training: Uint32Array
  readonly validation: Uint32Array
  readonly test: Uint32Array
}

/**
 * Divides `count` images. `last`: training first, then validation, then test, in their order. `random`: the same of a random
 * order, from the stream `data/split`, in which they also stand. Fails in words unless at least one is left for training.
 */
export const splitImages = (
  count: number,
  { validation, test, split = "random", splitSeed = 0 }: SplitSettings
): Result.Result<Split, string> => {
  const sixth = Math.floor(count / 6)
  const ofTest = test ?? Math.max(1, sixth)
  const ofValidation = validation ?? sixth
  const ofTraining = count - ofValidation - ofTest
  if (ofTraining < 1) {
    return Result.fail(
      `of ${count} ${count === 1 ? "image" : "images"}, ${ofValidation} for validation and ${ofTest} for testing leave none for training`
    )
  }
  const order =
    split === "random"
      ? permutation({ seed: splitSeed, stream: "data/split", step: 0 }, count)
      : Uint32Array.from({ length: count }, (_, i) => i)
  return Result.succeed({
    training: order.slice(0, ofTraining),
    validation: order.slice(ofTraining, ofTraining + ofValidation),
    test: order.slice(ofTraining + ofValidation)
  })
}

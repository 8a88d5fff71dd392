import { afterAll, assert } from "@effect/vitest"

/**
 * Files of the project "pure" share a process. ONNX Runtime makes denormals count as zero on the thread that starts it, which
 * the arithmetic of the files after it would feel. (Through an array, so that the product is not computed beforehand.)
 */
afterAll(() => {
  const [denormal = 1] = Float64Array.of(Number.MIN_VALUE)
  assert.notStrictEqual(
    denormal * 1,
    0,
    "this file starts ONNX Runtime: name it among `withEngine` in vitest.config.ts"
  )
})

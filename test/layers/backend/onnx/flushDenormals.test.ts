import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { multiply } from "../../../../src/domain/tensor/arithmetic.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { float32, outputsOf, programOf } from "../../../../src/testing/programs.ts"

/** Whether denormals count as zero on this thread. */
const denormalsAreFlushed = (): boolean => {
  // Through an array, so that the product is not computed when the program is compiled.
  const [denormal = 1] = Float64Array.of(Number.MIN_VALUE)
  return denormal * 1 === 0
}

// Vitest gives this file a process of its own; only the first session of a process can set the switch.
const flushedBefore = denormalsAreFlushed()

layer(layerOnnxRuntime)("building the ONNX layer", (it) => {
  it("flushes denormals, which were not flushed before", () => {
    assert.isFalse(flushedBefore)
    assert.isTrue(denormalsAreFlushed())
  })

  it.effect("makes denormal results of programs zero, and leaves the smallest normal numbers alone", () =>
    Effect.gen(function* () {
      const [x, y] = [placeholder("x", [20]), placeholder("y", [20])]
      const program = programOf("small", { x, y }, [multiply(x, y)])
      const product = (factor: number) =>
        Effect.map(
          outputsOf(program, {
            x: float32(new Float32Array(20).fill(1e-30), [20]),
            y: float32(new Float32Array(20).fill(factor), [20])
          }),
          (outputs) => new Set(outputs["0"]?.values)
        )
      // The bits are looked at through integers: a flushed denormal would count as zero in a comparison.
      const [zero, ...others] = yield* product(1e-10)
      assert.deepStrictEqual([...new Int32Array(Float32Array.of(zero ?? 1).buffer), others.length], [0, 0])
      const [smallest = 0] = yield* product(1e-7)
      assert.approximately(smallest / 1e-37, 1, 1e-6)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { filterbank } from "../../../src/domain/attention/filterbank.ts"
import { read } from "../../../src/domain/attention/read.ts"
import { windowFrom } from "../../../src/domain/attention/window.ts"
import { write } from "../../../src/domain/attention/write.ts"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { makeProgram } from "../../../src/domain/tensor/Program.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import { type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { assertClose, assertFinite } from "../../support/assertClose.ts"
import { normals } from "../../support/randomNumbers.ts"
import { plainFilters } from "./plainAttention.ts"
import { windowNumbersOf, windowPlaceholders } from "./windows.ts"

const [height, width, filters] = [20, 28, 5]

/**
 * Every combination of `(gx~, gy~, log s2, log d~, log gamma)` at their extremes: far windows, and logarithms just within
 * the bounds that they are held to, where gradients still pass.
 */
const corners: ReadonlyArray<ReadonlyArray<number>> = [-1000, 0.3, 1000].flatMap((centre) =>
  [-19.9, 0, 19.9].flatMap((variance) =>
    [-19.9, 0, 19.9].flatMap((stride) => [-19.9, 19.9].map((gamma) => [centre, -centre, variance, stride, gamma]))
  )
)

/** Random windows whose numbers reach from -1000 to 1000, small ones as often as large ones. */
const anywhere: ReadonlyArray<ReadonlyArray<number>> = fc.sample(
  fc.array(fc.oneof(fc.double({ min: -1000, max: 1000, noNaN: true }), fc.double({ min: -25, max: 25, noNaN: true })), {
    minLength: 5,
    maxLength: 5
  }),
  { numRuns: 56, seed: 1 }
)

const cases = [...corners, ...anywhere]

/** Reads and writes through windows given by their five numbers, with the gradient of a linear loss with respect to everything. */
const readAndWrite = (batch: number) => {
  const given = {
    numbers: placeholder("numbers", [batch, 5]),
    image: placeholder("image", [batch, 1, height, width]),
    patch: placeholder("patch", [batch, 1, filters, filters])
  }
  const window = windowFrom(given.numbers, { height, width, filters })
  const { horizontal, vertical } = filterbank(window, { height, width, filters })
  const [glimpse, drawn] = [read(given.image, window, filters), write(given.patch, window, { height, width })]
  const weights = (name: string, shape: ReadonlyArray<number>) => constant(tensorData(shape, normals(1, name, shape)))
  const loss = add(
    sum(multiply(glimpse, weights("glimpse", glimpse.shape))),
    sum(multiply(drawn, weights("drawn", drawn.shape)))
  )
  const { numbers, image, patch } = gradient(loss, given)
  return makeProgram({
    name: "read and write at the extremes",
    state: {},
    inputs: given,
    next: {},
    outputs: { horizontal, vertical, glimpse, drawn, numbers, image, patch }
  })
}

const rowSums = ({ shape, values }: TensorData): ReadonlyArray<number> => {
  const size = shape.at(-1) ?? 1
  return Array.from({ length: values.length / size }, (_, row) =>
    Array.from(values.subarray(row * size, (row + 1) * size)).reduce((total, value) => total + value, 0)
  )
}

describe.each([
  { name: "float64 (reference)", layer: layerReference, tolerance: 1e-12 },
  { name: "float32 (ONNX Runtime)", layer: layerOnnxRuntime, tolerance: 1e-5 }
])("read and write through extreme windows in $name", ({ layer, tolerance }) => {
  it.effect("stay finite, gradients too, and every filter's weights sum to 1", () =>
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const batch = cases.length
      const program = readAndWrite(batch)
      const executable = yield* backend.compile(program, {})
      yield* executable.step({
        inputs: {
          numbers: tensorData([batch, 5], Float64Array.from(cases.flat())),
          image: tensorData([batch, 1, height, width], normals(1, "image", [batch, 1, height, width])),
          patch: tensorData([batch, 1, filters, filters], normals(1, "patch", [batch, 1, filters, filters]))
        },
        noise: { seed: 0, step: 0 }
      })
      const outputs = yield* executable.readOutputs
      for (const [name, { values }] of Object.entries(outputs)) assertFinite(values, name)
      for (const total of [...rowSums(outputs.horizontal), ...rowSums(outputs.vertical)]) {
        assert.closeTo(total, 1, tolerance)
      }
    }).pipe(Effect.scoped, Effect.provide(layer))
  )
})

describe("filters in float32 (ONNX Runtime)", () => {
  const windows = fc.sample(
    fc.record({
      centreX: fc.double({ min: 0, max: width + 1, noNaN: true }),
      centreY: fc.double({ min: 0, max: height + 1, noNaN: true }),
      stride: fc.double({ min: 0.3, max: 7, noNaN: true }),
      variance: fc.double({ min: 0.5, max: 100, noNaN: true }),
      intensity: fc.constant(1)
    }),
    { numRuns: 60, seed: 2 }
  )

  // The exponents are expanded into terms of either sign; this measures what cancels.
  it.effect("are the formula's within 1e-4 for windows on the image", () =>
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const given = windowPlaceholders(windows.length)
      const { horizontal, vertical } = filterbank(given, { height, width, filters })
      const program = makeProgram({
        name: "filters",
        state: {},
        inputs: given,
        next: {},
        outputs: { horizontal, vertical }
      })
      const executable = yield* backend.compile(program, {})
      const inputs = mapRecord(windowNumbersOf(windows), (column) =>
        tensorData([windows.length, 1], Float64Array.from(column))
      )
      yield* executable.step({ inputs, noise: { seed: 0, step: 0 } })
      const found = yield* executable.readOutputs
      const x = windows.flatMap((window) => plainFilters(window.centreX, window, filters, width).flat())
      const y = windows.flatMap((window) => plainFilters(window.centreY, window, filters, height).flat())
      assertClose(found.horizontal.values, x, 1e-4, "FX")
      assertClose(found.vertical.values, y, 1e-4, "FY")
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )
})

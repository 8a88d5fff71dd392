import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  anyBatch,
  atBatch,
  batchOfInputs,
  formatAnyShape,
  growthOf,
  programForAnyBatch,
  shapeAt
} from "../../../src/domain/tensor/anyBatch.ts"
import { add, divide, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../src/domain/tensor/broadcast.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { concatenate, reshape, slice, sliceAxis } from "../../../src/domain/tensor/movement.ts"
import { ProgramError } from "../../../src/domain/tensor/Program.ts"
import { softmax } from "../../../src/domain/tensor/reduction.ts"
import { constant, full, normalNoise, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { lowerProgram } from "../../../src/layers/backend/onnx/lowering.ts"
import { encodeOnnxFile } from "../../../src/layers/backend/onnx/onnxMessages.ts"
import { unsimplifiedProgramOf } from "../../../src/testing/programs.ts"
import { openOnnx } from "../../layers/exchange/runOnnx.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"

type Body = (x: Tensor, batch: number) => Tensor

const inputOf = (batch: number): Tensor => placeholder("x", [batch, 2, 3])
const programFor = (body: Body) => (batch: number) => {
  const x = inputOf(batch)
  return unsimplifiedProgramOf("tried", { x }, [body(x, batch)])
}

const bodies: Readonly<Record<string, Body>> = {
  "a reshape that keeps the batch": (x, batch) => reshape(x, [batch, 6]),
  "a reshape that joins the batch to another axis": (x, batch) =>
    reshape(softmax(reshape(x, [batch * 2, 3])), [batch, 2, 3]),
  "a product of all rows": (x, batch) => reshape(matmul(reshape(x, [batch * 2, 3]), full([3, 4], 0.5)), [batch, 2, 4]),
  "a stretched tensor": (x, batch) => concatenate([broadcast(full([1, 1, 3], 2), [batch, 2, 3]), x], 1),
  "a small fill": (x, batch) => concatenate([full([batch, 1, 3], 0.25), x], 1),
  "a large fill": (x, batch) => concatenate([full([batch, 50, 3], -1), x], 1),
  "a literal that does not grow": (x) => multiply(x, constant(tensorData([3], Float64Array.of(1, -2, 3)))),
  "a slice along another axis": (x) => sliceAxis(x, 1, 1, 1),
  "a slice along an axis that holds the batch several times": (x, batch) =>
    reshape(sliceAxis(reshape(x, [batch * 2, 3]), 0, batch, batch), [batch, 1, 3]),
  "a slice that ends before the last row": (x, batch) =>
    concatenate([slice(x, [0, 0, 0], [batch - 1, 2, 3]), full([1, 2, 3], 7)], 0),
  "a slice that leaves out a row": (x, batch) =>
    concatenate([slice(x, [1, 0, 0], [batch - 1, 2, 3]), full([1, 2, 3], 7)], 0),
  "a batch in the middle": (x, batch) => reshape(broadcast(reshape(x, [1, batch, 6]), [4, batch, 6]), [4, batch, 2, 3]),
  "a softmax and a sum": (x) => sum(softmax(x), [1])
}

/** Where a row is left out there must be two. */
const batchesFor = (name: string): ReadonlyArray<number> => [...(/row/.test(name) ? [] : [1]), 2, 3, 7, 101, 200]

describe("programForAnyBatch", () => {
  it.each(Object.keys(bodies))("gives the numbers of the program for each batch: %s", async (name) => {
    const body = bodies[name]
    assert.isDefined(body)
    if (body === undefined) return
    const program = programForAnyBatch(programFor(body))
    const { graph, outputs } = lowerProgram(program)
    const file = await openOnnx(encodeOnnxFile(graph, { libraryVersion: "0", description: "", metadata: {} }))
    assert.deepStrictEqual(file.inputs, { x: ["batch", 2, 3] })
    // A batch of 2 has the size of another axis, and one of 1 stretches.
    for (const batch of batchesFor(name)) {
      const numbers = Float32Array.from(normals(batch, "x", [batch, 2, 3]))
      const root = body(inputOf(batch), batch)
      const expected = evaluateNamed([root], { x: numbers })[0] ?? []
      const result = (await file.run({ x: tensorData([batch, 2, 3], numbers) }))[outputs["0"] ?? ""]
      assert.deepStrictEqual([...(result?.shape ?? [])], [...root.shape])
      assertClose(result?.values ?? [], expected, 1e-6, `batch ${batch}`)
      const fixed = atBatch(program, batch)
      assert.deepStrictEqual(fixed.inputs["x"]?.shape, [batch, 2, 3])
      const [there = root] = Object.values(fixed.outputs)
      assert.deepStrictEqual(evaluateNamed([there], { x: numbers })[0], expected)
    }
  })

  const refusal = (body: Body): string => {
    try {
      programForAnyBatch(programFor(body))
    } catch (error) {
      assert.instanceOf(error, ProgramError)
      return error instanceof Error ? error.message : ""
    }
    return assert.fail("nothing was refused")
  }

  it("refuses numbers that depend on the batch, and names what they belong to", () => {
    assert.match(
      refusal((x, batch) => multiply(x, 1 / batch)),
      /tried: multiply\(.* numbers of its own for each batch/
    )
    const ramp = (batch: number) =>
      constant(
        tensorData(
          [batch, 1, 1],
          Float64Array.from({ length: batch }, (_, i) => i)
        )
      )
    assert.match(
      refusal((x, batch) => add(x, ramp(batch))),
      /tried: add\(.* numbers of its own/
    )
  })

  it("refuses sizes that do not grow along a line", () => {
    assert.match(
      refusal((_, batch) => full([batch * batch], 1)),
      /full.* cannot be made for every batch: its size \d+ at 262139 examples is \d+ at 300007, which is no line/
    )
    assert.match(
      refusal((x, batch) => broadcast(sum(x), [2 * batch])),
      /output "0" is \[2 batch\]: no axis may be other than fixed, or the batch/
    )
  })

  it("refuses another graph for another batch", () => {
    assert.match(
      refusal((x, batch) => (batch === anyBatch ? divide(x, x) : add(x, x))),
      /divide.* becomes another operation for other batches/
    )
    for (const more of [true, false]) {
      assert.match(
        refusal((x, batch) => (batch > anyBatch === more ? add(add(x, x), x) : add(x, x))),
        /tried.*(another graph|another operation|other operands)/
      )
    }
    const other = (x: Tensor, batch: number) => (batch === anyBatch ? [x, multiply(x, x)] : [multiply(x, x), x])
    assert.match(
      refusal((x, batch) => concatenate(other(x, batch), 1)),
      /concatenate.* other operands/
    )
    assert.match(
      refusal((x, batch) => sliceAxis(x, 1, batch === anyBatch ? 0 : 1, 1)),
      /slice.* which is no line/
    )
  })

  it("refuses what is no pure function: a state that moves or grows, and noise", () => {
    const [x, kept] = [inputOf, (batch: number) => placeholder("kept", [batch])]
    const of = (batch: number) => unsimplifiedProgramOf("tried", { x: x(batch) }, [x(batch)])
    const withState = (next: (batch: number) => Tensor) => (batch: number) => ({
      ...of(batch),
      state: { kept: kept(batch) },
      next: { kept: next(batch) }
    })
    assert.throws(
      () => programForAnyBatch(withState((batch) => add(kept(batch), 1))),
      ProgramError,
      'a step changes its state "kept"'
    )
    assert.throws(() => programForAnyBatch(withState(kept)), ProgramError, 'state "kept" is [batch]')
    const drawing = (batch: number) =>
      unsimplifiedProgramOf("tried", { x: x(batch) }, [add(x(batch), normalNoise("z", [batch, 2, 3]))])
    assert.throws(() => programForAnyBatch(drawing), ProgramError, "it draws noise, noise() : [batch, 2, 3]")
  })

  it("refuses a batch that no input tells", () => {
    const alone = (batch: number) => unsimplifiedProgramOf("alone", {}, [full([batch, 40], 1)])
    assert.throws(() => programForAnyBatch(alone), ProgramError, /alone: none of its inputs has the batch/)
  })
})

describe("sizes of a program for any batch", () => {
  it("are read off, and written, as what is fixed and what grows", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 100_000 }), fc.nat(100_000), fc.nat(1000), (fixed, perBatch, batch) => {
        const size = fixed + perBatch * anyBatch
        assert.deepStrictEqual(growthOf(size), { fixed, perBatch })
        assert.deepStrictEqual(shapeAt([size], batch), [fixed + perBatch * batch])
      })
    )
    const shape = [anyBatch, 3, 2 * anyBatch + 1, anyBatch - 1]
    assert.strictEqual(formatAnyShape(shape), "[batch, 3, 2 batch + 1, batch - 1]")
  })

  it("are chosen by the inputs, which must agree", () => {
    const program = programForAnyBatch(programFor((x) => x))
    assert.strictEqual(batchOfInputs(program, { x: { shape: [5, 2, 3] } }), 5)
    assert.isUndefined(batchOfInputs(program, {}))
    assert.isUndefined(batchOfInputs(program, { x: { shape: [0, 2, 3] } }))
  })
})

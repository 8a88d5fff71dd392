import { assert, describe, it } from "@effect/vitest"
import { add, divide, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../src/domain/tensor/broadcast.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { concatenate, reshape, slice, sliceAxis } from "../../../src/domain/tensor/movement.ts"
import { ProgramError } from "../../../src/domain/tensor/Program.ts"
import { softmax } from "../../../src/domain/tensor/reduction.ts"
import { constant, full, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { dynamicBatch } from "../../../src/layers/exchange/dynamicBatch.ts"
import { encodeExportedModel } from "../../../src/layers/exchange/onnxModelFile.ts"
import { unsimplifiedProgramOf } from "../../../src/testing/programs.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"
import { openOnnx } from "./runOnnx.ts"

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

describe("dynamicBatch", () => {
  it.each(Object.keys(bodies))("gives the numbers of the program for each batch: %s", async (name) => {
    const body = bodies[name]
    assert.isDefined(body)
    if (body === undefined) return
    const graph = dynamicBatch(programFor(body))
    const values = Object.entries({ ...graph.inputs }).map(([key, shape]) => ({ name: key, shape, description: "" }))
    const file = await openOnnx(
      encodeExportedModel({
        name: "tried",
        libraryVersion: "0",
        description: "",
        metadata: {},
        nodes: graph.nodes,
        constants: graph.constants,
        inputs: values,
        outputs: Object.entries(graph.outputs).map(([key, shape]) => ({ name: key, shape, description: "" }))
      })
    )
    assert.deepStrictEqual(file.inputs, { x: ["batch", 2, 3] })
    // A batch of 2 has the size of another axis; 101 and 103 are two that the graph was made from.
    for (const batch of [2, 3, 7, 101, 103, 200]) {
      const numbers = Float32Array.from(normals(batch, "x", [batch, 2, 3]))
      const root = body(inputOf(batch), batch)
      const result = (await file.run({ x: tensorData([batch, 2, 3], numbers) }))["0"]
      assert.deepStrictEqual([...(result?.shape ?? [])], [...root.shape])
      assertClose(result?.values ?? [], evaluateNamed([root], { x: numbers })[0] ?? [], 1e-6, `batch ${batch}`)
    }
  })

  const refusal = (body: Body): string => {
    try {
      dynamicBatch(programFor(body))
    } catch (error) {
      assert.instanceOf(error, ProgramError)
      return error instanceof Error ? error.message : ""
    }
    return assert.fail("nothing was refused")
  }

  it("refuses numbers that depend on the batch, and names what they belong to", () => {
    assert.match(
      refusal((x, batch) => multiply(x, 1 / batch)),
      /tried: multiply .* numbers of its own for each batch/
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
      /tried: add .* numbers of its own/
    )
  })

  it("refuses sizes that do not grow along a line", () => {
    assert.match(
      refusal((_, batch) => full([batch * batch], 1)),
      /output "0" is \[10201\], \[10609\], \[11449\]/
    )
    assert.match(
      refusal((x, batch) => broadcast(sum(x), [2 * batch])),
      /output "0" is \[202\].*or the batch/
    )
  })

  it("refuses another graph for another batch", () => {
    assert.match(
      refusal((x, batch) => (batch === 103 ? divide(x, x) : add(x, x))),
      /other operators for other batches/
    )
    assert.match(
      refusal((x, batch) => (batch > 101 ? add(add(x, x), x) : add(x, x))),
      /tried .* another graph/
    )
    assert.match(
      refusal((x, batch) => (batch < 107 ? add(add(x, x), x) : add(x, x))),
      /tried .* another graph/
    )
    const other = (x: Tensor, batch: number) => (batch === 107 ? [x, multiply(x, x)] : [multiply(x, x), x])
    assert.match(
      refusal((x, batch) => concatenate(other(x, batch), 1)),
      /concatenate .* other operands/
    )
  })

  it("refuses a batch that no input tells", () => {
    const alone = (batch: number) => unsimplifiedProgramOf("alone", {}, [full([batch, 40], 1)])
    assert.throws(() => dynamicBatch(alone), ProgramError, /alone: none of its inputs has the batch/)
  })
})

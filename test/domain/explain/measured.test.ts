import { assert, describe, it } from "@effect/vitest"
import type { ExplainedPrimitive } from "../../../src/domain/explain/explain.ts"
import { measuredBy } from "../../../src/domain/explain/measured.ts"

const primitive = (signature: string, kind: ExplainedPrimitive["primitive"]): ExplainedPrimitive => ({
  text: signature,
  signature,
  primitive: kind,
  part: "forward",
  calls: [],
  flop: 1,
  bytes: 1
})

describe("measuredBy", () => {
  it("shares the time of a kernel among the primitives that are alike, and sums by kind", () => {
    const [product, sum] = ["matmul([2, 2] [2, 2]) : [2, 2]", "add([2, 2] [2, 2]) : [2, 2]"]
    const program = [
      primitive(product, "matmul"),
      primitive(sum, "add"),
      primitive(product, "matmul"),
      primitive("x", "exp")
    ]
    const kernels = [
      { signature: product, operator: "Gemm", calls: 2, milliseconds: 6 },
      { signature: sum, operator: "Add", calls: 1, milliseconds: 1 },
      { signature: sum, operator: "Gemm", calls: 1, milliseconds: 4 },
      { signature: undefined, operator: "MemcpyToHost", calls: 3, milliseconds: 0.5 }
    ]
    const { primitives, kinds, milliseconds, backend } = measuredBy("there", { how: "", kernels }, 20, program)
    assert.deepStrictEqual([backend, milliseconds], ["there", 20])
    assert.deepStrictEqual(primitives, [3, 5, 3, 0])
    // A sum within a product is one.
    assert.deepStrictEqual(kinds, [
      { primitive: "matmul", calls: 3, milliseconds: 10 },
      { primitive: "add", calls: 1, milliseconds: 1 },
      { primitive: "engine", calls: 3, milliseconds: 0.5 }
    ])
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, multiply } from "../../../../src/domain/tensor/arithmetic.ts"
import { exp } from "../../../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../../../src/domain/tensor/matmul.ts"
import { reshape } from "../../../../src/domain/tensor/movement.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { lowerProgram } from "../../../../src/layers/backend/tfjs/lowering.ts"
import { type Plan, registersOf } from "../../../../src/layers/backend/tfjs/Plan.ts"
import { programOf } from "../../../../src/testing/programs.ts"
import { randomExpressions } from "../../../../src/testing/randomExpressions.ts"

/** Follows a plan: every register is written once, read only while it is held, and released once or kept. */
const assertSound = (plan: Plan): void => {
  const lasting = new Set([...plan.constants, ...plan.sources].map(({ register }) => register))
  const held = new Set(lasting)
  for (const { kernel, inputs, output, released } of plan.instructions) {
    for (const register of registersOf(inputs)) assert.isTrue(held.has(register), `${kernel} reads ${register}`)
    assert.isFalse(held.has(output), `${kernel} writes ${output} anew`)
    held.add(output)
    for (const register of released) assert.isTrue(held.delete(register), `${kernel} releases ${register}`)
  }
  const kept = [...Object.values(plan.next), ...Object.values(plan.outputs)]
  assert.strictEqual(new Set(kept).size, kept.length, "each result has a register of its own")
  for (const register of kept) assert.isFalse(lasting.has(register), "what is kept is not what comes from outside")
  assert.deepStrictEqual(held, new Set([...lasting, ...kept]), "nothing is left over")
  assert.isBelow(Math.max(...held, -1), plan.registers)
}

const [cpu, wasm] = [{ backendName: "cpu" }, { backendName: "wasm" }]

describe("a plan", () => {
  it("releases every result at its last use and keeps the rest, for random programs for both kinds of kernels", () => {
    fc.assert(
      fc.property(randomExpressions(), fc.constantFrom(cpu, wasm), ({ roots, placeholders }, style) => {
        const inputs = Object.fromEntries(placeholders.map((tensor, i) => [`${i}`, tensor]))
        assertSound(lowerProgram(programOf("random", inputs, [...roots, ...roots]), style))
      }),
      { numRuns: 60 }
    )
  })

  const x = placeholder("x", [4, 8])

  it("knows its greatest memory: a chain needs two results at a time", () => {
    const chain = [1, 2, 3, 4].reduce((y) => exp(y), exp(x))
    assert.strictEqual(lowerProgram(programOf("chain", { x }, [chain]), cpu).peakBytes, 2 * 4 * 32)
  })

  it("counts another view of a result once, for as long as one is held", () => {
    const y = exp(x)
    const program = programOf("views", { x }, [add(reshape(exp(reshape(y, [8, 4])), [4, 8]), y)])
    assert.strictEqual(lowerProgram(program, cpu).peakBytes, 3 * 4 * 32)
  })

  it("transposes a weight once for all products that need it", () => {
    const w = placeholder("w", [8, 8])
    const twice = matmul(exp(matmul(x, w, { transposeB: true })), w, { transposeB: true })
    const { instructions } = lowerProgram(programOf("weights", { x, w }, [multiply(twice, twice)]), wasm)
    const kernels = instructions.map(({ kernel }) => kernel)
    assert.deepStrictEqual(kernels, ["Transpose", "BatchMatMul", "Exp", "BatchMatMul", "Multiply"])
  })
})

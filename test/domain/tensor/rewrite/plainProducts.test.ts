import { assert, describe, it } from "@effect/vitest"
import { matmul } from "../../../../src/domain/tensor/matmul.ts"
import { printExpressions } from "../../../../src/domain/tensor/print.ts"
import { plainProducts } from "../../../../src/domain/tensor/rewrite/plainProducts.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { assertAgree, listOf } from "../../../support/numbers.ts"

const [a, b] = [placeholder("a", [2, 3, 4]), placeholder("b", [2, 4, 5])]
const [turnedA, turnedB] = [placeholder("turnedA", [2, 4, 3]), placeholder("turnedB", [2, 5, 4])]
const shown = (root: Tensor): ReadonlyArray<string> =>
  printExpressions(plainProducts([root]))
    .split("\n")
    .map((line) => line.replaceAll(/ +/g, " "))
const numbersOf = (shift: number, length: number) => Float64Array.from({ length }, (_, i) => Math.sin(shift + i))
const numbers = {
  ...{ a: numbersOf(1, 24), b: numbersOf(2, 40) },
  ...{ turnedA: numbersOf(3, 24), turnedB: numbersOf(4, 40) }
}

describe("products of batches without transposed operands", () => {
  it("transpose beforehand what was taken transposed, and nothing else", () => {
    for (const [product, transposes] of [
      [matmul(a, b), 0],
      [matmul(turnedA, b, { transposeA: true }), 1],
      [matmul(a, turnedB, { transposeB: true }), 1],
      [matmul(turnedA, turnedB, { transposeA: true, transposeB: true }), 2]
    ] as const) {
      const lines = shown(product)
      assert.lengthOf(
        lines.filter((line) => line.includes("transpose(") && line.includes("[0, 2, 1]")),
        transposes
      )
      assert.notMatch(lines.join(), /transpose[AB]/)
      const [plain = product] = plainProducts([product])
      assertAgree(listOf(plain, numbers), listOf(product, numbers), 1e-14, "product")
    }
  })

  it("leave one matrix times another as it is", () => {
    const product = matmul(placeholder("m", [3, 4]), placeholder("n", [3, 5]), { transposeA: true })
    assert.match(shown(product).join(), /matmul\(m, n\) \{transposeA\}/)
  })
})

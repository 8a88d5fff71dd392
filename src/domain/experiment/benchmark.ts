import { multiply, subtract } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { softplus, tanh } from "../tensor/elementwise.ts"
import { gradient } from "../tensor/gradient.ts"
import { matmul } from "../tensor/matmul.ts"
import { makeProgram, type Program } from "../tensor/Program.ts"
import { placeholder } from "../tensor/source.ts"
import { type NamedTensors, type TensorData, tensorData } from "../tensor/TensorData.ts"

const [rows, width] = [100, 256]

/**
 * A small fixed program by which backends are compared: the mean softplus of two layers, `softplus(tanh(x U) V)`, and one
 * step of gradient descent on both. x `[100, 256]`, U and V `[256, 256]`: 65 million multiplications and additions.
 */
export const benchmarkProgram: Program<"x", "loss"> = (() => {
  const [u, v] = [placeholder("u", [width, width]), placeholder("v", [width, width])]
  const x = placeholder("x", [rows, width])
  const loss = multiply(sum(softplus(matmul(tanh(matmul(x, u)), v))), 1 / (rows * width))
  const slopes = gradient(loss, { u, v })
  return makeProgram({
    name: "yardstick",
    state: { u, v },
    inputs: { x },
    next: { u: subtract(u, multiply(slopes.u, 0.1)), v: subtract(v, multiply(slopes.v, 0.1)) },
    outputs: { loss }
  })
})()

/** Numbers for it that are neither alike nor drawn: multiples of an irrational number, wrapped into (-scale, scale). */
const spread = (shape: readonly [number, number], scale: number): TensorData =>
  tensorData(
    shape,
    Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => scale * (2 * ((i * Math.SQRT2) % 1) - 1))
  )

/** The yardstick's first state. */
export const benchmarkState: NamedTensors = { u: spread([width, width], 0.1), v: spread([width, width], 0.12) }

/** What a step of it is given. */
export const benchmarkInputs: Readonly<Record<"x", TensorData>> = { x: spread([rows, width], 1) }

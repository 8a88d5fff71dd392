import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import type { ByParameter, TfjsEagerPeer, UpdateNoise } from "./tfjsEager.ts"
import { makeTfjsEager, parameterNames } from "./tfjsEager.ts"

const sizes = { batch: 4, T: 2, N: 3, z: 6, units: 8, side: 8 } as const
const { batch, T, N, z, side } = sizes

/** Deterministic numbers in (-1, 1) without visible pattern. */
const numbers = (length: number, salt: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => {
    const x = Math.sin(12.9898 * (i + 1) + 78.233 * salt) * 43758.5453
    return 2 * (x - Math.floor(x)) - 1
  })

const images = numbers(batch * side * side, 1).map((x) => (x + 1) / 2)
const noise: UpdateNoise = { discriminator: numbers(T * batch * z, 2), generator: numbers(T * batch * z, 3) }

/** The peer's own start moved off its symmetries (zero biases, windows equal for all samples). */
const movedParameters = async (peer: TfjsEagerPeer): Promise<ByParameter<Float32Array>> => {
  const start = await peer.parameters()
  const moved = { ...start }
  parameterNames.forEach((name, k) => {
    const shift = numbers(start[name].length, 10 + k)
    moved[name] = start[name].map((value, i) => value + 0.2 * (shift[i] ?? 0))
  })
  return moved
}

/** The losses straight from PAPER.md's equations: one sample, one step, one number at a time, in float64. */
const lossesByHand = (p: ByParameter<Float32Array>): { discriminatorLoss: number; generatorLoss: number } => {
  const at = (values: ArrayLike<number>, i: number): number => values[i] ?? Number.NaN
  const range = (n: number) => Array.from({ length: n }, (_, i) => i)
  const sum = (n: number, term: (i: number) => number): number => range(n).reduce((total, i) => total + term(i), 0)
  const linear = (x: ReadonlyArray<number>, weight: Float32Array, bias: Float32Array) =>
    range(bias.length).map((j) => at(bias, j) + sum(x.length, (i) => at(x, i) * at(weight, i * bias.length + j)))
  const cell = (player: "generator" | "discriminator", h: ReadonlyArray<number>, x: ReadonlyArray<number>) => {
    const input = linear(x, p[`${player}.rnn.input.weight`], p[`${player}.rnn.input.bias`])
    const hidden = linear(h, p[`${player}.rnn.hidden.weight`], p[`${player}.rnn.hidden.bias`])
    return input.map((value, i) => Math.tanh(value + at(hidden, i)))
  }
  const windowOf = (player: "generator" | "discriminator", h: ReadonlyArray<number>) => {
    const [gx = 0, gy = 0, logVariance = 0, logStride = 0, logGamma = 0] = linear(
      h,
      p[`${player}.window.weight`],
      p[`${player}.window.bias`]
    )
    const d = ((side - 1) / (N - 1)) * Math.exp(logStride)
    const filters = (g: number) =>
      range(N).map((row) => {
        const mean = ((side + 1) / 2) * (g + 1) + (row + 1 - N / 2 - 0.5) * d
        const weights = range(side).map((a) => Math.exp(-((a + 1 - mean) ** 2) / (2 * Math.exp(logVariance))))
        const total = sum(side, (a) => at(weights, a))
        return weights.map((weight) => weight / total)
      })
    return { FX: filters(gx), FY: filters(gy), gamma: Math.exp(logGamma) }
  }
  const logit = (image: ReadonlyArray<number>): number => {
    let h: ReadonlyArray<number> = Array.from(p["discriminator.initialHidden"])
    for (let t = 0; t < T; t++) {
      const { FX, FY, gamma } = windowOf("discriminator", h)
      const glimpse = range(N * N).map((k) => {
        const [i, j] = [Math.floor(k / N), k % N]
        const row = (b: number) => sum(side, (a) => at(image, b * side + a) * at(FX[j] ?? [], a))
        return gamma * sum(side, (b) => at(FY[i] ?? [], b) * row(b))
      })
      h = cell("discriminator", h, [...glimpse, ...h])
    }
    return at(linear(h, p["discriminator.logit.weight"], p["discriminator.logit.bias"]), 0)
  }
  const generated = (numbersOf: Float32Array, sample: number) => {
    let h: ReadonlyArray<number> = Array.from(p["generator.initialHidden"])
    let canvas = Array.from(p["generator.initialCanvas"])
    for (let t = 0; t < T; t++) {
      const first = (t * batch + sample) * z
      h = cell("generator", h, Array.from(numbersOf.subarray(first, first + z)))
      const { FX, FY, gamma } = windowOf("generator", h)
      const patch = linear(h, p["generator.write.weight"], p["generator.write.bias"])
      canvas = canvas.map((value, pixel) => {
        const [b, a] = [Math.floor(pixel / side), pixel % side]
        const row = (i: number) => sum(N, (j) => at(patch, i * N + j) * at(FX[j] ?? [], a))
        return value + sum(N, (i) => at(FY[i] ?? [], b) * row(i)) / gamma
      })
    }
    return canvas.map((value) => 1 / (1 + Math.exp(-value)))
  }
  const softplus = (x: number) => Math.log1p(Math.exp(x))
  const size = side * side
  const real = (n: number) => logit(Array.from(images.subarray(n * size, (n + 1) * size)))
  return {
    discriminatorLoss:
      sum(batch, (n) => softplus(-real(n)) + softplus(logit(generated(noise.discriminator, n)))) / batch,
    generatorLoss: sum(batch, (n) => softplus(-logit(generated(noise.generator, n)))) / batch
  }
}

const largestDifference = (a: ByParameter<Float32Array>, b: ByParameter<Float32Array>): number =>
  Math.max(...parameterNames.flatMap((name) => Array.from(a[name], (value, i) => Math.abs(value - (b[name][i] ?? 0)))))

describe("tfjsEager", () => {
  it("computes the losses of the equations written out by hand", async () => {
    const peer = await makeTfjsEager("cpu", sizes)
    const p = await movedParameters(peer)
    const found = await peer.gradients(p, images, noise)
    const expected = lossesByHand(p)
    assert.closeTo(found.discriminatorLoss, expected.discriminatorLoss, 1e-5)
    assert.closeTo(found.generatorLoss, expected.generatorLoss, 1e-5)
    peer.dispose()
  })

  it("has gradients that agree with central differences, in one entry and along one direction of each tensor", async () => {
    const peer = await makeTfjsEager("cpu", sizes)
    const p = await movedParameters(peer)
    const { gradients } = await peer.gradients(p, images, noise)
    for (const name of parameterNames) {
      const loss = name.startsWith("discriminator.") ? "discriminatorLoss" : "generatorLoss"
      const gradient = gradients[name]
      const length = gradient.length
      const slope = (direction: (i: number) => number): number => {
        const step = 1e-3
        const shifted = (by: number) =>
          lossesByHand({ ...p, [name]: p[name].map((x, i) => x + by * direction(i)) })[loss]
        return (shifted(step) - shifted(-step)) / (2 * step)
      }
      const largest = gradient.reduce((best, x, i) => (Math.abs(x) > Math.abs(gradient[best] ?? 0) ? i : best), 0)
      // Along the signs of the gradient nothing cancels, so an error in any entry shows.
      const direction = (i: number) => Math.sign(gradient[i] ?? 0) / Math.sqrt(length)
      const along = gradient.reduce((total, x, i) => total + x * direction(i), 0)
      const entry = gradient[largest] ?? Number.NaN
      assert.isAbove(Math.abs(entry), 1e-6, name)
      assert.closeTo(
        slope((i) => (i === largest ? 1 : 0)),
        entry,
        1e-4 + 1e-2 * Math.abs(entry),
        name
      )
      assert.closeTo(slope(direction), along, 1e-4 + 1e-2 * along, name)
    }
    peer.dispose()
  })

  it("has the same gradients with tfjs's own rule for matrix products, and on wasm", async () => {
    const peer = await makeTfjsEager("cpu", sizes)
    const p = await movedParameters(peer)
    const { gradients } = await peer.gradients(p, images, noise)
    peer.dispose()
    for (const [backend, matMulGradient] of [
      ["cpu", "stock"],
      ["wasm", "stock"],
      ["wasm", "transposed"]
    ] as const) {
      const other = await makeTfjsEager(backend, { ...sizes, matMulGradient })
      const found = await other.gradients(p, images, noise)
      assert.isBelow(largestDifference(gradients, found.gradients), 1e-5, `${backend}, ${matMulGradient}`)
      other.dispose()
    }
  })

  it("starts from given parameters and takes Adam's first step: the rate, against the sign of the gradient", async () => {
    const source = await makeTfjsEager("cpu", { ...sizes, seed: 5 })
    const p = await movedParameters(source)
    source.dispose()
    const peer = await makeTfjsEager("cpu", { ...sizes, parameters: p })
    assert.strictEqual(largestDifference(await peer.parameters(), p), 0)
    const { gradients } = await peer.gradients(p, images, noise)
    await peer.update(images, noise)
    const after = await peer.parameters()
    for (const name of parameterNames.filter((name) => name.startsWith("discriminator."))) {
      gradients[name].forEach((slope, i) => {
        const moved = (after[name][i] ?? 0) - (p[name][i] ?? 0)
        if (Math.abs(slope) > 1e-4) assert.closeTo(moved, -Math.sign(slope) * 3.75e-4, 1e-6, name)
      })
    }
    // The generator stepped against the updated discriminator, so it is compared at that one's new values.
    const againstUpdated = { ...p }
    for (const name of parameterNames) if (name.startsWith("discriminator.")) againstUpdated[name] = after[name]
    const later = await peer.gradients(againstUpdated, images, noise)
    for (const name of parameterNames.filter((name) => name.startsWith("generator."))) {
      later.gradients[name].forEach((slope, i) => {
        const moved = (after[name][i] ?? 0) - (p[name][i] ?? 0)
        if (Math.abs(slope) > 1e-4) assert.closeTo(moved, -Math.sign(slope) * 3.75e-4, 1e-6, name)
      })
    }
    peer.dispose()
  })

  it("keeps the number of tensors flat over updates and gives all of them back", async () => {
    await tf.setBackend("cpu")
    const empty = tf.memory().numTensors
    const peer = await makeTfjsEager("cpu", sizes)
    const counts: Array<number> = []
    for (let i = 0; i < 5; i++) {
      await peer.update(images, noise)
      await peer.gradients(await peer.parameters(), images, noise)
      counts.push(peer.tensorCount())
    }
    assert.strictEqual(new Set(counts).size, 1)
    peer.dispose()
    assert.strictEqual(peer.tensorCount(), empty)
  })

  it("lowers the discriminator's loss on a fixed batch in 20 updates", async () => {
    const peer = await makeTfjsEager("cpu", { ...sizes, learningRate: 1e-2 })
    const losses: Array<number> = []
    for (let i = 0; i < 20; i++) {
      const { discriminatorLoss, generatorLoss } = await peer.update(images, noise)
      assert.isTrue(Number.isFinite(discriminatorLoss) && Number.isFinite(generatorLoss), `update ${i}`)
      losses.push(discriminatorLoss)
    }
    assert.isBelow(losses.at(-1) ?? Number.NaN, 0.9 * (losses[0] ?? Number.NaN))
    peer.dispose()
  })
})

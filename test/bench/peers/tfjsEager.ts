/**
 * The paper's training update as an experienced tfjs user writes it by hand: eager operations of `@tensorflow/tfjs` 4.22,
 * its own reverse-mode differentiation (`tf.variableGrads`) and its own `tf.train.adam`. A peer for the benchmark and an
 * independent implementation to compare gradients with; nothing of Fovea is used here.
 *
 * What was done for speed, and why (milliseconds measured on the wasm backend at batch 200):
 * - tfjs's rule for the gradient of a matrix product asks for transposed operands, which the wasm kernel multiplies with a
 *   plain loop (16 to 21 ms for 200x256 by 256x261); transposing first reaches its XNNPACK path (1.4 to 1.9 ms). See `matMulGradient`.
 * - tanh(x) is computed as 2 sigmoid(2x) - 1: wasm has a vectorised sigmoid and a scalar tanh (0.2 against 1.2 ms).
 * - The T noise projections are one product. The generator's windows and writes do not feed back into its recurrence, so
 *   they are computed for all steps at once, and the sum over steps is the inner dimension of one batched product.
 * - h enters the discriminator's cell twice (as state and in the input): the two weight blocks are added once a pass.
 *   At the first step all rows of h are equal: one row is multiplied, then broadcast.
 * - Every tensor of an update lives in one `tf.tidy`; both losses are read back together, once.
 * Tried without effect: one product for the cell and the window, and the filters' exponents as a matrix product.
 */
import { createRequire } from "node:module"
import { dirname, sep } from "node:path"
// In Node the package's `main` is its CommonJS bundle; the ES modules of its sub-packages do not load there.
import * as tf from "@tensorflow/tfjs"

/** Sizes and settings of the model; the defaults are the paper's main experiment (section 3). */
export interface TfjsEagerOptions {
  readonly batch: number
  /** Glimpses, recurrent steps. */
  readonly T: number
  /** Filters per axis. */
  readonly N: number
  /** Noise numbers per step. */
  readonly z: number
  /** Width of both recurrent states. */
  readonly units: number
  /** Rows and columns of the square grey image, pixels. */
  readonly side: number
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  /** Added to the root of the bias-corrected second moment, as in Kingma & Ba 2015, algorithm 1. */
  readonly epsilon: number
  /** Mean of each pixel over the training images, `[side * side]` in [0, 1]; `initialCanvas` starts at its logit. */
  readonly pixelMeans: Float32Array | undefined
  /** Seed of tfjs's generator, which draws the initial parameters. */
  readonly seed: number
  /** Initial values by name, each row-major; names left out are drawn. */
  readonly parameters: Partial<Readonly<Record<ParameterName, Float32Array>>>
  /** `transposed` (default, fast on wasm) transposes the operands of gradient products explicitly; `stock` is tfjs's own rule. */
  readonly matMulGradient: "transposed" | "stock"
}

/** Independent N(0, 1) numbers for the two halves of an update, each `[T, batch, z]` row-major. */
export interface UpdateNoise {
  readonly discriminator: Float32Array
  readonly generator: Float32Array
}

/** Mean losses over the batch, nats: -E[log D(x)] - E[log(1 - D(G(z)))] and -E[log D(G(z))]. */
export interface Losses {
  readonly discriminatorLoss: number
  readonly generatorLoss: number
}

/** A value for each parameter. */
export type ByParameter<Value> = Readonly<Record<ParameterName, Value>>

/** Losses at given parameters with the gradient of each player's loss in its own parameters. */
export interface LossGradients extends Losses {
  readonly gradients: ByParameter<Float32Array>
}

export interface TfjsEagerPeer {
  readonly parameterNames: ReadonlyArray<ParameterName>
  readonly parameterShapes: ByParameter<ReadonlyArray<number>>
  /** One update: D on `images` `[batch, side * side]` and fresh generated ones, then G against the updated D. Losses are those differentiated. */
  readonly update: (images: Float32Array, noise: UpdateNoise) => Promise<Losses>
  /** Both gradients at the same parameters (no update between them); the training state is left alone. */
  readonly gradients: (
    parameters: ByParameter<Float32Array>,
    images: Float32Array,
    noise: UpdateNoise
  ) => Promise<LossGradients>
  /** Copies of the current parameters. */
  readonly parameters: () => Promise<ByParameter<Float32Array>>
  /** Tensors alive in the whole tfjs engine; constant from the first update on (Adam makes its moments then). */
  readonly tensorCount: () => number
  readonly dispose: () => void
}

/**
 * Names of the parameters. Affine maps are `x W + b` with `weight` `[in, out]`. `rnn.input` takes the noise (G) or
 * `[glimpse, h]` (D), `rnn.hidden` takes h, `window` maps h to (gx~, gy~, log s2, log d~, log gamma), `write` h to the
 * N x N patch, `logit` h_T to D's logit. `initialHidden` is h_0, `initialCanvas` c_0 in logit space.
 */
export const parameterNames = [
  "discriminator.initialHidden",
  "discriminator.rnn.input.weight",
  "discriminator.rnn.input.bias",
  "discriminator.rnn.hidden.weight",
  "discriminator.rnn.hidden.bias",
  "discriminator.window.weight",
  "discriminator.window.bias",
  "discriminator.logit.weight",
  "discriminator.logit.bias",
  "generator.initialHidden",
  "generator.initialCanvas",
  "generator.rnn.input.weight",
  "generator.rnn.input.bias",
  "generator.rnn.hidden.weight",
  "generator.rnn.hidden.bias",
  "generator.write.weight",
  "generator.write.bias",
  "generator.window.weight",
  "generator.window.bias"
] as const

export type ParameterName = (typeof parameterNames)[number]

const byParameter = <Value>(make: (name: ParameterName) => Value): Record<ParameterName, Value> =>
  // `fromEntries` forgets the keys; they are exactly `parameterNames`.
  Object.fromEntries(parameterNames.map((name) => [name, make(name)])) as Record<ParameterName, Value>

const paperSettings: TfjsEagerOptions = {
  batch: 100,
  T: 6,
  N: 5,
  z: 100,
  units: 256,
  side: 28,
  learningRate: 3.75e-4,
  beta1: 0.75,
  beta2: 0.999,
  epsilon: 1e-8,
  pixelMeans: undefined,
  seed: 0,
  parameters: {},
  matMulGradient: "transposed"
}

const windowSize = 5

/** Mean grey of MNIST's training pixels, for `initialCanvas` when no pixel means are given. */
const mnistMean = 0.1307

const shapesOf = ({ N, z, units, side }: TfjsEagerOptions): ByParameter<Array<number>> => ({
  "discriminator.initialHidden": [1, units],
  "discriminator.rnn.input.weight": [N * N + units, units],
  "discriminator.rnn.input.bias": [units],
  "discriminator.rnn.hidden.weight": [units, units],
  "discriminator.rnn.hidden.bias": [units],
  "discriminator.window.weight": [units, windowSize],
  "discriminator.window.bias": [windowSize],
  "discriminator.logit.weight": [units, 1],
  "discriminator.logit.bias": [1],
  "generator.initialHidden": [1, units],
  "generator.initialCanvas": [side, side],
  "generator.rnn.input.weight": [z, units],
  "generator.rnn.input.bias": [units],
  "generator.rnn.hidden.weight": [units, units],
  "generator.rnn.hidden.bias": [units],
  "generator.write.weight": [units, N * N],
  "generator.write.bias": [N * N],
  "generator.window.weight": [units, windowSize],
  "generator.window.bias": [windowSize]
})

const initialValue = (name: ParameterName, shape: Array<number>, options: TfjsEagerOptions): tf.Tensor => {
  const given = options.parameters[name]
  // A copy: on the cpu backend a tensor shares memory with the array it is made from.
  if (given !== undefined) return tf.tensor(given.slice(), shape)
  const seed = options.seed * parameterNames.length + parameterNames.indexOf(name) + 1
  if (name.endsWith(".bias")) return tf.zeros(shape)
  if (name.endsWith(".initialHidden")) return tf.randomNormal(shape, 0, 0.1, "float32", seed)
  if (name === "generator.initialCanvas") {
    const means = options.pixelMeans === undefined ? tf.fill(shape, mnistMean) : tf.tensor(options.pixelMeans, shape)
    const clipped = tf.clipByValue(means, 0.01, 0.99)
    return tf.log(tf.div(clipped, tf.sub(1, clipped)))
  }
  const [fanIn = 1, fanOut = 1] = shape
  const limit = Math.sqrt(6 / (fanIn + fanOut)) * (name.includes(".window.") ? 0.1 : 1)
  return tf.randomUniform(shape, -limit, limit, "float32", seed)
}

/** Gradient of `a b` for two matrices with the operands transposed in memory: da = dy b^T, db = a^T dy. */
const transposedMatMulGradient = (stock: tf.GradConfig): tf.GradConfig => ({
  ...stock,
  gradFunc: (dy, saved, attributes) => {
    const [a, b] = saved
    const plain = attributes["transposeA"] !== true && attributes["transposeB"] !== true
    if (Array.isArray(dy) || a?.rank !== 2 || b?.rank !== 2 || !plain) return stock.gradFunc(dy, saved, attributes)
    return { a: () => tf.matMul(dy, tf.transpose(b)), b: () => tf.matMul(tf.transpose(a), dy) }
  }
})

const tanh = (x: tf.Tensor): tf.Tensor => tf.sub(tf.mul(tf.sigmoid(tf.mul(x, 2)), 2), 1)

type Parameters = ByParameter<tf.Tensor>

/** The two networks for given sizes; `dispose` frees their constants. */
const makeNetworks = ({ T, N, units, side, batch }: TfjsEagerOptions) => {
  // Pixel coordinates 1..side and filter offsets i - N/2 - 0.5, both as distances from their middle.
  const coordinates = tf.tensor1d(Array.from({ length: side }, (_, a) => a - (side - 1) / 2))
  const offsets = tf.tensor1d(Array.from({ length: N }, (_, i) => ((i - (N - 1) / 2) * (side - 1)) / (N - 1)))
  const constants = [coordinates, offsets]

  /** Window numbers `[n, 5]` to filters FX and FY `[n, N, side]` and log gamma `[n, 1]`. */
  const filterbank = (window: tf.Tensor) => {
    const n = window.shape[0] ?? 0
    const [gx, gy, logVariance, logStride, logGamma] = tf.split(window, windowSize, 1)
    if (!gx || !gy || !logVariance || !logStride || !logGamma) throw new Error("internal: split into five")
    const centre = tf.mul(tf.reshape(tf.concat([gx, gy], 0), [2, n, 1]), (side + 1) / 2)
    const mean = tf.add(centre, tf.mul(tf.exp(logStride), offsets))
    const sharpness = tf.mul(tf.exp(tf.neg(logVariance)), -0.5)
    const squared = tf.square(tf.sub(coordinates, tf.reshape(mean, [2, n, N, 1])))
    const filters = tf.softmax(tf.mul(squared, tf.reshape(sharpness, [n, 1, 1])))
    const [FX, FY] = tf.split(tf.reshape(filters, [2 * n, N, side]), 2, 0)
    if (!FX || !FY) throw new Error("internal: split into two")
    return { FX, FY, logGamma }
  }

  /** Images `[n, side, side]` to D's logits `[n, 1]` (equations 2 to 5). */
  const discriminate = (p: Parameters, images: tf.Tensor): tf.Tensor => {
    const n = images.shape[0] ?? 0
    const [glimpseWeight, inputHiddenWeight] = tf.split(p["discriminator.rnn.input.weight"], [N * N, units], 0)
    if (!glimpseWeight || !inputHiddenWeight) throw new Error("internal: split into two")
    const hiddenWeight = tf.add(inputHiddenWeight, p["discriminator.rnn.hidden.weight"])
    const hiddenBias = tf.add(p["discriminator.rnn.input.bias"], p["discriminator.rnn.hidden.bias"])
    // One row for the whole batch; the first step's sum with the glimpse broadcasts it.
    let h = p["discriminator.initialHidden"]
    for (let t = 0; t < T; t++) {
      const carried = tf.add(tf.matMul(h, hiddenWeight), hiddenBias)
      const own = tf.add(tf.matMul(h, p["discriminator.window.weight"]), p["discriminator.window.bias"])
      const window = t > 0 ? own : tf.add(own, tf.zeros([n, 1]))
      const { FX, FY, logGamma } = filterbank(window)
      const patch = tf.reshape(tf.matMul(tf.matMul(FY, images), FX, false, true), [n, N * N])
      const glimpse = tf.mul(patch, tf.exp(logGamma))
      h = tanh(tf.add(carried, tf.matMul(glimpse, glimpseWeight)))
    }
    return tf.add(tf.matMul(h, p["discriminator.logit.weight"]), p["discriminator.logit.bias"])
  }

  /** Noise `[T * batch, z]` to images `[batch, side, side]` (equations 6 to 8, canvas in logit space). */
  const generate = (p: Parameters, noise: tf.Tensor): tf.Tensor => {
    const bias = tf.add(p["generator.rnn.input.bias"], p["generator.rnn.hidden.bias"])
    const projected = tf.split(tf.add(tf.matMul(noise, p["generator.rnn.input.weight"]), bias), T, 0)
    let h = p["generator.initialHidden"]
    const states = projected.map((input) => {
      h = tanh(tf.add(input, tf.matMul(h, p["generator.rnn.hidden.weight"])))
      return h
    })
    const all = tf.reshape(tf.concat(states, 1), [batch * T, units])
    const weight = tf.concat([p["generator.write.weight"], p["generator.window.weight"]], 1)
    const linear = tf.add(tf.matMul(all, weight), tf.concat([p["generator.write.bias"], p["generator.window.bias"]], 0))
    const [write, window] = tf.split(linear, [N * N, windowSize], 1)
    if (!write || !window) throw new Error("internal: split into two")
    const { FX, FY, logGamma } = filterbank(window)
    const patch = tf.reshape(tf.mul(write, tf.exp(tf.neg(logGamma))), [batch * T, N, N])
    const stripes = tf.reshape(tf.matMul(patch, FX), [batch, T * N, side])
    const strokes = tf.matMul(tf.reshape(FY, [batch, T * N, side]), stripes, true)
    return tf.sigmoid(tf.add(strokes, p["generator.initialCanvas"]))
  }

  return { discriminate, generate, dispose: () => tf.dispose(constants) }
}

const namedTensors = (gradients: tf.NamedTensorMap) =>
  Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }))

const names = {
  discriminator: parameterNames.filter((name) => name.startsWith("discriminator.")),
  generator: parameterNames.filter((name) => name.startsWith("generator."))
}

/**
 * Makes the peer on a backend of tfjs, which becomes the process's current one. `wasm` is single-threaded in Node, with SIMD;
 * `cpu` is plain JavaScript.
 */
export const makeTfjsEager = async (
  backend: "wasm" | "cpu",
  given: Partial<TfjsEagerOptions> = {}
): Promise<TfjsEagerPeer> => {
  const options = { ...paperSettings, ...given }
  const { batch, T, z, side, learningRate, beta1, beta2, epsilon } = options
  if (backend === "wasm") {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm")
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm")
    setWasmPaths(`${dirname(entry)}${sep}`)
  }
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start its ${backend} backend`)

  const networks = makeNetworks(options)
  const shapes = shapesOf(options)
  const variablesFrom = (make: (name: ParameterName) => tf.Tensor) =>
    tf.tidy(() => byParameter((name) => tf.variable(make(name))))
  const current = variablesFrom((name) => initialValue(name, shapes[name], options))
  // tfjs's Adam is Kingma & Ba's algorithm 1 to the letter: epsilon is added to the root of the corrected second moment.
  const optimizers = {
    discriminator: tf.train.adam(learningRate, beta1, beta2, epsilon),
    generator: tf.train.adam(learningRate, beta1, beta2, epsilon)
  }

  const stock = tf.getGradient("BatchMatMul")
  const rule = options.matMulGradient === "stock" ? stock : transposedMatMulGradient(stock)
  /** Gradient of a player's loss in its own parameters, with this peer's rule for matrix products (a setting of the whole process). */
  const differentiate = (player: keyof typeof names, p: ByParameter<tf.Variable>, loss: () => tf.Scalar) => {
    tf.registerGradient(rule)
    try {
      return tf.variableGrads(
        loss,
        names[player].map((name) => p[name])
      )
    } finally {
      tf.registerGradient(stock)
    }
  }

  const noiseTensor = (noise: Float32Array) => tf.tensor2d(noise, [T * batch, z])

  const discriminatorGradients = (p: ByParameter<tf.Variable>, images: Float32Array, noise: Float32Array) => {
    // Generated outside the tape: the discriminator's update needs no gradient through the generator.
    const both = tf.concat([tf.tensor3d(images, [batch, side, side]), networks.generate(p, noiseTensor(noise))], 0)
    return differentiate("discriminator", p, () => {
      const [real, fake] = tf.split(networks.discriminate(p, both), 2, 0)
      if (!real || !fake) throw new Error("internal: split into two")
      return tf.mean(tf.add(tf.softplus(tf.neg(real)), tf.softplus(fake)))
    })
  }

  const generatorGradients = (p: ByParameter<tf.Variable>, noise: Float32Array) => {
    const noises = noiseTensor(noise)
    return differentiate("generator", p, () =>
      tf.mean(tf.softplus(tf.neg(networks.discriminate(p, networks.generate(p, noises)))))
    )
  }

  const read = async (losses: tf.Tensor): Promise<Losses> => {
    const [discriminatorLoss = Number.NaN, generatorLoss = Number.NaN] = await losses.data()
    losses.dispose()
    return { discriminatorLoss, generatorLoss }
  }

  return {
    parameterNames,
    parameterShapes: shapes,
    update: (images, noise) =>
      read(
        tf.tidy(() => {
          const d = discriminatorGradients(current, images, noise.discriminator)
          optimizers.discriminator.applyGradients(namedTensors(d.grads))
          const g = generatorGradients(current, noise.generator)
          optimizers.generator.applyGradients(namedTensors(g.grads))
          return tf.stack([d.value, g.value])
        })
      ),
    gradients: async (parameters, images, noise) => {
      const p = variablesFrom((name) => tf.tensor(parameters[name].slice(), shapes[name]))
      const { losses, gradients } = tf.tidy(() => {
        const d = discriminatorGradients(p, images, noise.discriminator)
        const g = generatorGradients(p, noise.generator)
        const found = { ...d.grads, ...g.grads }
        return {
          losses: tf.stack([d.value, g.value]),
          gradients: byParameter((name) => found[p[name].name] ?? tf.zeros(shapes[name]))
        }
      })
      // Read before anything is disposed: on the cpu backend the array read is the tensor's own memory.
      const values = byParameter((name) => Float32Array.from(gradients[name].dataSync()))
      tf.dispose([p, gradients])
      return { ...(await read(losses)), gradients: values }
    },
    parameters: async () => byParameter((name) => Float32Array.from(current[name].dataSync())),
    tensorCount: () => tf.memory().numTensors,
    dispose: () => {
      tf.dispose(current)
      optimizers.discriminator.dispose()
      optimizers.generator.dispose()
      networks.dispose()
    }
  }
}

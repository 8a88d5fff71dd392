// Denoising diffusion of digits (J. Ho, A. Jain and P. Abbeel 2020): the denoiser a perceptron, the sampler a program of its own.
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import {
  Data,
  Datasets,
  Evaluation,
  identity,
  linear,
  linearParameters,
  type Mlp,
  mlp,
  mlpParameters,
  Optim,
  Program,
  Sampling,
  silu,
  Training
} from "fovea"
import {
  add,
  addAll,
  chunks,
  concatenate,
  constant,
  cos,
  divide,
  gather,
  mean,
  multiply,
  reshape,
  sin,
  size,
  square,
  subtract,
  type Tensor,
  tanh,
  tensorData
} from "fovea/tensor"

const [batch, pixels, width, times, updates] = [64, 784, 256, 100, 4000]

// For each time, by what q(x_t | x_0) multiplies image and noise, and q(x_{t-1} | x_t, x_0) image, x_t and noise (eq. 4, 6 and 7).
const betas = Array.from({ length: times }, (_, t) => (0.1 + (19.9 * t) / (times - 1)) / times)
const rows = betas.map((beta, t) => {
  const before = betas.slice(0, t).reduce((product, beta) => product * (1 - beta), 1)
  const after = before * (1 - beta)
  const variance = (beta * (1 - before)) / (1 - after)
  const ofX = (Math.sqrt(1 - beta) * (1 - before)) / (1 - after)
  return [Math.sqrt(after), Math.sqrt(1 - after), (Math.sqrt(before) * beta) / (1 - after), ofX, Math.sqrt(variance)]
})
const schedule = constant(tensorData([times, 5], Float32Array.from(rows.flat())))
const frequencies = constant(
  tensorData(
    [1, 16],
    Float32Array.from({ length: 16 }, (_, k) => times ** (-k / 16))
  )
)

const block = () => mlpParameters(width + 32, [width, width])
const network = {
  input: linearParameters(pixels, width),
  blocks: { one: block(), two: block(), three: block() },
  gain: linearParameters(32, 1),
  output: linearParameters(width, pixels)
}

/**
 * The images in [-1, 1] that are seen in noisy ones `[n, pixels]` of times `[n]`. By Bayes' rule the log-odds of a black or white pixel are
 * a gain times what is seen of it, which falls with the noise, and what the other pixels tell.
 */
const denoised = (p: Program.BoundState<typeof network>, x: Tensor, t: Tensor) => {
  const angles = multiply(reshape(t, [size(t, 0), 1]), frequencies)
  const time = concatenate([sin(angles), cos(angles)], 1)
  const residual = (h: Tensor, block: Mlp<Tensor>) => add(h, mlp(block, silu, concatenate([h, time], 1), identity))
  const context = linear(p.output, Object.values(p.blocks).reduce(residual, linear(p.input, x)))
  return tanh(add(multiply(linear(p.gain, time), x), context))
}

const adamw = Optim.adamw(Optim.warmupCosine(2e-3, 300, updates), 1e-4)
const denoiser = Program.learner(network, Optim.chain(Optim.clipByGlobalNorm(1), adamw))
const average = Program.ema(denoiser, 0.999)

const program = Program.make("ddpm", {
  state: { denoiser, average },
  inputs: { images: [batch, 1, 28, 28] },
  step: ({ denoiser, average }, { images }, key) => {
    const count = size(images, 0)
    const x0 = subtract(multiply(2, reshape(images, [count, pixels])), 1)
    const t = key("t").integer(times, [count])
    const [ofImage, ofNoise] = chunks(gather(schedule, t), 1, 5)
    const x = add(multiply(ofImage, x0), multiply(ofNoise, key("noise").normal([count, pixels])))
    const { next, loss } = Program.descend(denoiser, (p) => mean(square(subtract(denoised(p, x, t), x0))))
    return { next: { denoiser: next, average: Program.follow(average, next.parameters) }, outputs: { loss } }
  }
})

const sampler = (count: number) =>
  Program.make("ddpm samples", {
    state: {
      average: Program.onlyParameters(denoiser),
      x: { shape: [count, pixels], initialiser: { kind: "normal", standardDeviation: 1 } },
      t: { shape: [count], initialiser: { kind: "constant", value: times - 1 } }
    },
    steps: times,
    step: ({ average, x, t }, _, key) => {
      const [, , ofImage, ofX, ofNoise] = chunks(gather(schedule, t), 1, 5)
      const x0 = denoised(average.parameters, x, t)
      const noise = key("noise").normal([count, pixels])
      const before = addAll([multiply(ofImage, x0), multiply(ofX, x), multiply(ofNoise, noise)])
      const images = reshape(divide(add(x0, 1), 2), [count, 1, 28, 28])
      return { next: { x: before, t: subtract(t, 1) }, outputs: { images } }
    }
  })

const show = Effect.fnUntraced(function* ({ tensors, folder }: Training.Trained) {
  const draw = (count: number) => Sampling.run(sampler(100), tensors, { count, seed: 1 })
  yield* Sampling.writeGrid(`${folder}/digits.png`, (yield* draw(100)).images)
  const { frechetDistance } = yield* Evaluation.measure((yield* draw(2000)).images, { dataset: Datasets.mnist })
  yield* Console.log(`Frechet distance of 2000 digits: ${frechetDistance.toFixed(1)}`)
})

export default Training.recipe({ program, data: Data.imagesFrom(Datasets.mnist), updates, seed: 1, sampler, show })

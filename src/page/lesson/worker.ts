// The lesson's worker: trains, and tells the page what it looks like.
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Backends, Data, Program, TensorBackend } from "../../browser.ts"
import { decodeNpy } from "../../domain/data/npy.ts"
import { modeCoverage } from "../../domain/metrics/modeCoverage.ts"
import type { NamedTensors, TensorData } from "../../domain/tensor/TensorData.ts"
import { batch as digitsBatch, digitsGan } from "./digitsGan.ts"
import type { Command, Frame, LessonSettings, News } from "./messages.ts"
import { centresOf, deviation, batch as planeBatch, planeGan } from "./planeGan.ts"

const seed = 1
const framesPerSecond = 15

/** What the page wants; written by its messages, read by the training between two updates. */
interface Wish {
  settings: LessonSettings
  playing: boolean
  /** Single updates that are still to be done while not playing. */
  steps: number
  perSecond: number
  /** Counts what the current training cannot follow: other settings, or a beginning anew. */
  version: number
  anew: boolean
}

const tell = (news: News): void => postMessage(news)

/** Lets messages come in. A timer would make a worker wait for four milliseconds. */
const breath = Effect.promise(
  () =>
    new Promise<void>((resume) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        resume()
      }
      port2.postMessage(0)
    })
)

interface Training<Name extends string> {
  readonly program: Program.Program<Name>
  readonly data: Data.BatchSource<Name>
  readonly batchSize: number
  readonly frameOf: (outputs: NamedTensors) => Pick<Frame, "plane" | "digits">
}

const planeTraining = (settings: LessonSettings): Training<"points"> => {
  const centres = centresOf(settings.modes)
  const points = Data.gaussianMixture({ centres, standardDeviation: deviation, count: 4096, seed })
  const shown = Data.gather(
    points,
    Int32Array.from({ length: 400 }, (_, i) => i)
  ).points
  return {
    program: planeGan(settings),
    data: Data.shuffled(points),
    batchSize: planeBatch,
    frameOf: (outputs) => {
      const [drawn, field] = [present(outputs, "drawn"), present(outputs, "field")]
      const { modes, share } = modeCoverage(drawn, centres, 3 * deviation)
      return { plane: { data: shown, drawn, field, modes, share } }
    }
  }
}

const digitsTraining = (settings: LessonSettings, digits: Data.Examples<"images">): Training<"images"> => ({
  program: digitsGan(settings),
  data: Data.shuffled(digits),
  batchSize: digitsBatch,
  frameOf: (outputs) => ({
    digits: { canvases: present(outputs, "canvases"), windows: present(outputs, "windows") }
  })
})

const present = (outputs: NamedTensors, name: string): TensorData => {
  const found = Object.entries(outputs).find(([each]) => each === name)
  if (found === undefined) throw new Error(`internal: a step gives no ${name}`)
  return found[1]
}

/** Where a training was when something else was wanted. */
interface Left {
  readonly update: number
  readonly tensors: NamedTensors
}

/** Trains from where it was until something else is wanted. */
const trainWhile = Effect.fnUntraced(function* <Name extends string>(
  { program, data, batchSize, frameOf }: Training<Name>,
  wish: Wish,
  from: Left | undefined
) {
  const { version, settings } = wish
  const backend = yield* TensorBackend
  const first = from?.tensors ?? Program.initialState(program, seed, data.marginals?.(seed))
  const executable = yield* backend.compile(program, first)
  let [update, shownAt, rate] = [from?.update ?? 0, 0, 0]
  let last = performance.now()
  const wanted = (): boolean => wish.version === version

  const turn = Effect.gen(function* () {
    while (wanted() && !wish.playing && wish.steps === 0) yield* Effect.sleep(20)
    // If other settings came meanwhile, the step is for them.
    if (wanted() && !wish.playing && wish.steps > 0) wish.steps -= 1
    // A slow pace is kept by waiting out what is left of an update's time.
    const due = last + 1000 / wish.perSecond
    while (wanted() && wish.playing && performance.now() < due)
      yield* Effect.sleep(Math.min(50, due - performance.now()))
    yield* breath
  })
  const show = Effect.gen(function* () {
    const outputs = yield* executable.readOutputs
    const [lossOfD, lossOfG] = [present(outputs, "lossOfD"), present(outputs, "lossOfG")].map(
      ({ values }) => values[0] ?? Number.NaN
    )
    shownAt = performance.now()
    const frame = { lesson: settings.lesson, update, perSecond: rate, lossOfD: lossOfD ?? 0, lossOfG: lossOfG ?? 0 }
    tell({ kind: "frame", frame: { ...frame, ...frameOf(outputs) } })
  })
  yield* data.batches({ batchSize, seed, firstUpdate: update }).pipe(
    Stream.takeWhile(wanted),
    Stream.runForEach(({ inputs }) =>
      Effect.gen(function* () {
        yield* turn
        if (!wanted()) return
        const began = performance.now()
        yield* executable.step({ inputs, noise: { seed, step: update } })
        update += 1
        // Smoothed over some twenty updates, of which one that waited for a user does not count.
        const took = began - last < 1000 ? performance.now() - last : performance.now() - began
        last = performance.now()
        rate = rate === 0 ? 1000 / took : 1 / (0.95 / rate + (0.05 * took) / 1000)
        if (!wish.playing || performance.now() - shownAt > 1000 / framesPerSecond) yield* show
      })
    )
  )
  return { update, tensors: yield* executable.readState }
}, Effect.scoped)

/** Trains what is wanted, and then what is wanted next, for as long as the page is open. */
const lesson = Effect.fnUntraced(function* (wish: Wish, digits: Data.Examples<"images">) {
  let left: Left | undefined
  for (;;) {
    const { settings } = wish
    if (wish.anew) {
      left = undefined
      // Who paused sees where it begins, and not where the one before ended.
      if (!wish.playing) wish.steps = Math.max(wish.steps, 1)
    }
    wish.anew = false
    left =
      settings.lesson === "plane"
        ? yield* trainWhile(planeTraining(settings), wish, left)
        : yield* trainWhile(digitsTraining(settings, digits), wish, left)
  }
})

/** Digits `[n, B, A]` of a NumPy file. */
const digitsIn = (file: Uint8Array) =>
  Effect.map(Effect.fromResult(decodeNpy(file)), ({ shape: [count = 0, height = 0, width = 0], values }) =>
    Data.images({ count, channels: 1, height, width, pixels: Uint8Array.from(values), labels: undefined })
  )

let wish: Wish | undefined

const begin = (engine: Uint8Array, file: Uint8Array, settings: LessonSettings): void => {
  const wanted: Wish = { settings, playing: true, steps: 0, perSecond: 1000, version: 0, anew: true }
  wish = wanted
  Effect.runPromise(
    Effect.flatMap(digitsIn(file), (digits) => lesson(wanted, digits)).pipe(
      Effect.provide(Backends.onnxRuntimeWeb({ wasm: engine }))
    )
  ).catch((cause: unknown) => tell({ kind: "failed", problem: cause instanceof Error ? cause.message : String(cause) }))
}

/** Whether a change of settings is one of what is trained, and not only of how. */
const isAnother = (a: LessonSettings, b: LessonSettings): boolean =>
  a.lesson !== b.lesson || a.modes !== b.modes || a.start !== b.start

addEventListener("message", ({ data }: MessageEvent<Command>) => {
  if (data.kind === "open") return begin(data.engine, data.digits, data.settings)
  if (wish === undefined) return
  switch (data.kind) {
    case "play":
      wish.playing = data.playing
      return
    case "step":
      wish.steps += 1
      return
    case "speed":
      wish.perSecond = data.perSecond
      return
    case "reset":
      wish.anew = true
      wish.version += 1
      return
    case "settings":
      wish.anew ||= isAnother(wish.settings, data.settings)
      wish.settings = data.settings
      wish.version += 1
  }
})

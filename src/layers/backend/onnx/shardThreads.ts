import { Worker } from "node:worker_threads"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { own } from "../../../domain/record/own.ts"
import type { NamedTensors } from "../../../domain/tensor/TensorData.ts"
import { BackendError } from "../TensorBackend.ts"
import { sharedKernelMemory } from "./kernelMemory.ts"
import { abandonStep, clearMeeting, meetingBytes } from "./meeting.ts"
import type { OnnxProvider } from "./OnnxProvider.ts"
import { engineError } from "./ortTensors.ts"
import type { ShardAnswer, ShardRequest } from "./shardMessages.ts"
import { type ShardPlan, type ShardSetup, updatesToPlace } from "./shardPlan.ts"
import { layOut, placesOfOthers } from "./updateMemory.ts"

/** The worker threads of one executable, one for each shard. */
export interface ShardThreads {
  /** One step of all shards, each given its part of the inputs; the outputs. Not to be called before the last one is done. */
  readonly step: (
    inputs: ReadonlyArray<NamedTensors>,
    noise: { readonly seed: number; readonly step: number }
  ) => Effect.Effect<NamedTensors, BackendError>
  readonly readState: Effect.Effect<NamedTensors, BackendError>
}

/**
 * Starts a thread for each shard and waits until all are ready; closing the scope ends them. Once one has died,
 * everything fails with an error that names it. The threads keep the process alive only while something is asked of them.
 */
export const startShardThreads = Effect.fnUntraced(function* (
  { backend, sessionOptions, resultsInPlace }: OnnxProvider,
  program: string,
  plan: ShardPlan,
  first: NamedTensors
): Effect.fn.Return<ShardThreads, BackendError, Scope.Scope> {
  const layout = layOut(updatesToPlace(plan), meetingBytes)
  const memory = yield* Effect.try({
    try: () => sharedKernelMemory(layout.bytes),
    catch: (cause) => engineError(backend, program, "compile", cause)
  })
  const threads = yield* Effect.acquireRelease(
    Effect.sync(() =>
      plan.shards.map((shard) => startThread({ sessionOptions, resultsInPlace, plan, shard, first, memory }))
    ),
    (started) => Effect.promise(() => Promise.all(started.map(({ end }) => end())))
  )

  const death = (): Error | undefined => threads.map((thread) => thread.death()).find((cause) => cause !== undefined)

  /** What some threads answer; if one of them failed or any has died, that, when all have answered. */
  const answersTo = Effect.fnUntraced(function* (
    during: "compile" | "run" | "read",
    ask: () => ReadonlyArray<Promise<ShardAnswer>>
  ): Effect.fn.Return<ReadonlyArray<ShardAnswer>, BackendError> {
    // Those that are left would wait for the dead one for ever.
    const settled = death() === undefined ? yield* Effect.promise(() => Promise.allSettled(ask())) : []
    const answers = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
    // Told before it ended: a thread that could not be made ready ends by itself.
    const failed = answers.find((answer) => answer.kind === "failed")
    if (failed !== undefined) return yield* engineError(backend, program, during, new Error(failed.problem))
    const cause = death()
    if (cause !== undefined) {
      return yield* new BackendError({ backend, program, during, problem: cause.message, cause })
    }
    if (answers.some((answer) => answer.kind === "abandoned")) {
      return yield* engineError(backend, program, during, new Error("the step was abandoned"))
    }
    return answers
  })

  const places = placesOfOthers(layout, memory)
  /** No thread is in a step meanwhile. */
  const give = (inputs: ReadonlyArray<NamedTensors>): void => {
    for (const [input, given] of Object.entries(plan.given)) {
      // Of a place that all have in common once.
      given.places.forEach((place, shard) => {
        if (given.places.indexOf(place) === shard) places.get(place)?.set(own(inputs[shard] ?? {}, input)?.values ?? [])
      })
    }
  }

  yield* answersTo("compile", () => threads.map(({ ready }) => ready))
  return {
    step: (inputs, noise) =>
      Effect.map(
        Effect.onError(
          answersTo("run", () => {
            give(inputs)
            return threads.map(({ ask }) => ask({ kind: "step", noise }))
          }),
          () => Effect.sync(() => (death() === undefined ? clearMeeting(memory.buffer) : undefined))
        ),
        tensorsOf
      ),
    readState: Effect.map(
      answersTo("read", () => threads.slice(0, 1).map(({ ask }) => ask({ kind: "readState" }))),
      tensorsOf
    )
  }
})

const tensorsOf = ([first]: ReadonlyArray<ShardAnswer>): NamedTensors =>
  first?.kind === "tensors" ? first.tensors : {}

/** A request without the number that it will get. */
type Unnumbered<Request> = Request extends ShardRequest ? Omit<Request, "id"> : never

/** One worker thread. Its promises are rejected if it ends. */
interface ShardThread {
  readonly ready: Promise<ShardAnswer>
  readonly ask: (request: Unnumbered<ShardRequest>) => Promise<ShardAnswer>
  /** Why it has ended, if it has. */
  readonly death: () => Error | undefined
  readonly end: () => Promise<unknown>
}

// The file beside this one: TypeScript in the repository, JavaScript in the package.
const entry = new URL(import.meta.url.endsWith(".ts") ? "./shardWorker.ts" : "./shardWorker.js", import.meta.url)

const startThread = (setup: ShardSetup): ShardThread => {
  const { shard, memory } = setup
  const name = `shard ${shard.index + 1} of ${shard.count}`
  const worker = new Worker(entry, { workerData: setup, name: `fovea ${name}` })
  const waiting = new Map<number, { resolve: (answer: ShardAnswer) => void; reject: (death: Error) => void }>()
  let count = 0
  let death: Error | undefined

  const wait = (id: number): Promise<ShardAnswer> =>
    new Promise((resolve, reject) => {
      if (death !== undefined) return reject(death)
      worker.ref()
      waiting.set(id, { resolve, reject })
    })
  const die = (cause: Error): void => {
    death ??= cause
    // The others may be waiting for it.
    abandonStep(memory.buffer)
    for (const { reject } of waiting.values()) reject(death)
    waiting.clear()
  }
  worker.on("message", (answer: ShardAnswer) => {
    waiting.get(answer.id)?.resolve(answer)
    waiting.delete(answer.id)
    if (waiting.size === 0) worker.unref()
  })
  worker.on("error", (cause) => die(new Error(`the thread of ${name} failed: ${describe(cause)}`, { cause })))
  worker.on("exit", (code) => die(new Error(`the thread of ${name} has ended (exit code ${code})`)))
  const ready = wait(0)
  // Whoever waits for it is told; nobody does if the start is interrupted.
  ready.catch(() => undefined)
  return {
    ready,
    ask: (request) => {
      count += 1
      const answer = wait(count)
      if (death === undefined) worker.postMessage({ ...request, id: count })
      return answer
    },
    death: () => death,
    end: () => worker.terminate()
  }
}

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

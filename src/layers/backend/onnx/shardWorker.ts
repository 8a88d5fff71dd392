// A shard's worker thread: started by `startShardThreads`, which talks to it by the messages of `shardMessages.ts`.
import "../../machine/withoutTelemetry.ts"
import { parentPort, workerData } from "node:worker_threads"
import * as ort from "onnxruntime-node"
import { abandonStep } from "./meeting.ts"
import { openRunner, type ShardRunner } from "./ShardRunner.ts"
import type { ShardAnswer, ShardRequest } from "./shardMessages.ts"
import type { ShardSetup } from "./shardPlan.ts"

// The border between threads: `startShardThreads` sends nothing else.
const setup = workerData as ShardSetup
const port = parentPort
if (port === null) throw new Error("shardWorker.ts is run as a worker thread only")

const tell = (answer: ShardAnswer): void => port.postMessage(answer)

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const answer = async (runner: ShardRunner, request: ShardRequest): Promise<void> => {
  const { id } = request
  if (request.kind === "readState") return tell({ kind: "tensors", id, tensors: runner.readState() })
  const { seed, step } = request.noise
  try {
    const tensors = await runner.step({}, request.noise)
    tell(
      tensors === undefined
        ? { kind: "abandoned", id }
        : // What all shards have alike, the first tells.
          { kind: "tensors", id, tensors: setup.shard.index === 0 ? tensors : {} }
    )
  } catch (cause) {
    abandonStep(setup.memory.buffer)
    tell({ kind: "failed", id, problem: describe(cause) })
    return
  }
  // Drawn while the main thread gets the next step ready.
  setImmediate(() => runner.foresee({ seed, step: step + 1 }))
}

try {
  const { shard, memory } = setup
  const runner = await openRunner(ort, setup, { shard, memory })
  port.on("message", (request: ShardRequest) => {
    void answer(runner, request)
  })
  tell({ kind: "ready", id: 0 })
} catch (cause) {
  tell({ kind: "failed", id: 0, problem: describe(cause) })
}

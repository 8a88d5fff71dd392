import * as Schema from "effect/Schema"

/** A `Summary` of measurements in milliseconds, or of ratios. */
const Summary = Schema.Struct({
  median: Schema.Finite,
  quartiles: Schema.Tuple([Schema.Finite, Schema.Finite]),
  least: Schema.Finite,
  count: Schema.Int
})

const Peer = Schema.Struct({
  /** Milliseconds of an update. */
  ms: Schema.Finite,
  summary: Summary,
  /** How many times as long as Fovea's update, by rounds. */
  ratio: Summary,
  /** Processor time of an update by turns: steadier than `summary` on a busy machine. */
  cpu: Summary,
  /** How many times as much processor time as Fovea's update, by rounds. */
  cpuRatio: Summary,
  /** Largest difference between its losses and Fovea's at the first update, made from the same numbers. */
  lossDifference: Schema.Finite,
  peakRssMiB: Schema.Finite
})

/** How many times as long as Fovea on tfjs's wasm backend, by rounds: by the clock, and by processor time. */
const TimesOnWasm = Schema.Struct({ ratio: Summary, cpuRatio: Summary })

/** By the clock, and the processor time of the whole process: what does not depend on what else the machine does. */
const StartupTask = Schema.Struct({ summary: Summary, cpu: Summary })

/** What the benchmark prints with `--json`. Keys keep their meaning; new ones may come. Times are milliseconds. */
export const BenchResult = Schema.Struct({
  version: Schema.Literal(1),
  machine: Schema.Struct({
    processor: Schema.String,
    cores: Schema.Int,
    memoryGiB: Schema.Finite,
    platform: Schema.String,
    node: Schema.String,
    loadAverage: Schema.Array(Schema.Finite)
  }),
  /** One update of the paper's model, batch 100: gathering, noise, both players, Adam, losses read back. */
  update: Schema.optionalKey(
    Schema.Struct({
      /** Median over all updates measured. */
      ms: Schema.Finite,
      summary: Summary,
      /** Processor time of an update by turns. */
      cpu: Summary,
      /** Updates done before measuring. */
      age: Schema.Int,
      rounds: Schema.Int,
      secondsPerTurn: Schema.Finite,
      peakRssMiB: Schema.Finite,
      /** Fovea's programs on tfjs's wasm backend, and the eager peers on it as multiples of that. */
      onWasm: Schema.Struct({ ...Peer.fields, tfjsStock: TimesOnWasm, tfjsTransposed: TimesOnWasm }),
      peers: Schema.Struct({ tfjsStock: Peer, tfjsTransposed: Peer, tfjsTransposedFlushed: Peer })
    })
  ),
  /** The same update by JAX and PyTorch, and by Fovea in turns with them. */
  python: Schema.optionalKey(
    Schema.Struct({
      fovea: Peer,
      /** `jax`, `torch-eager`, `torch-compiled`: those that are installed. */
      peers: Schema.Record(Schema.String, Peer),
      /** Why the others could not be measured. */
      absent: Schema.Record(Schema.String, Schema.String)
    })
  ),
  /** An update of each system by Fovea and by JAX and PyTorch in turns, on the same inputs. */
  systems: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        system: Schema.String,
        /** Milliseconds of an update. */
        fovea: Summary,
        /** The most that its process took of the memory. */
        peakRssMiB: Schema.Finite,
        peers: Schema.Record(
          Schema.String,
          Schema.Struct({
            summary: Summary,
            /** Fovea's time over the peer's, by rounds. */
            ratio: Summary,
            /** The same of the least times of each. */
            ratioOfLeast: Schema.Finite,
            /** Largest difference between its losses and Fovea's at the first update, made from the same numbers. */
            lossDifference: Schema.Finite,
            peakRssMiB: Schema.Finite
          })
        ),
        /** Why others could not be measured. */
        absent: Schema.Record(Schema.String, Schema.String)
      })
    )
  ),
  /** An update on several shards of the batch, each on a thread of its own; the first entry is one shard. */
  scaling: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        shards: Schema.Int,
        summary: Summary,
        /** How many times as long as on one shard, by rounds. */
        ratio: Summary,
        /** Processor time of the main thread and of the busiest other: what an update takes where nothing else runs. */
        path: Schema.optionalKey(Summary),
        pathRatio: Schema.optionalKey(Summary)
      })
    )
  ),
  /** What comes before and after training, each in a process of its own. */
  startup: Schema.optionalKey(
    Schema.Struct({
      /** Reading MNIST's files and checking them. */
      load: StartupTask,
      /** From the start of a process to the losses of the first update of the paper's experiment. */
      firstUpdate: StartupTask,
      /** 10,000 images by the paper's generator, compilation included. */
      samples: StartupTask,
      /** Making and compiling the largest program there is, DRAW with 64 glimpses. */
      largest: StartupTask
    })
  ),
  /** An update as one of the model's sizes grows. */
  growth: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        axis: Schema.String,
        points: Schema.Array(
          Schema.Struct({
            value: Schema.Finite,
            /** What the time should be linear in: pixels for the side, weights for the units. */
            work: Schema.Finite,
            /** The least of the updates measured. */
            ms: Schema.Finite,
            flop: Schema.Finite
          })
        ),
        /** The line of least squares, `base + slope work`, and the share of the variance that it explains. */
        base: Schema.Finite,
        slope: Schema.Finite,
        explained: Schema.Finite
      })
    )
  ),
  /** Many trainings on a queue. */
  sweep: Schema.optionalKey(
    Schema.Struct({
      /** What the queue took of four workers that trained points of 20 updates each of the paper's model. */
      cost: Schema.Array(
        Schema.Struct({
          store: Schema.Literals(["sqlite", "postgres"]),
          points: Schema.Int,
          queueMsPerPoint: Schema.Finite,
          /** The queue's calls to the trainings, by the clock and by processor time. */
          share: Schema.Finite,
          cpuShare: Schema.Finite,
          /** Resident memory of the largest worker, and how much the worst grew behind the first tenth of its points. */
          residentMiB: Schema.Finite,
          grownMiB: Schema.Finite,
          /** Asked for while the workers work. */
          status: Summary
        })
      ),
      /** Workers that ask one Postgres for points and find none. */
      idle: Schema.optionalKey(
        Schema.Struct({
          workers: Schema.Int,
          everySeconds: Schema.Finite,
          polls: Schema.Int,
          /** Processor time of the server, sessions that were opened and closed included. */
          cpuMsPerPoll: Schema.Finite,
          mostConnections: Schema.Int,
          /** So many would keep one of the server's cores busy. */
          workersPerCore: Schema.Finite
        })
      ),
      /** The same points by one worker, by two at a time, and by one whose batches are shared by two threads. */
      speedUp: Schema.Struct({
        points: Schema.Int,
        oneSeconds: Schema.Finite,
        twoSeconds: Schema.Finite,
        shardedSeconds: Schema.Finite,
        ofTwo: Schema.Finite,
        ofShards: Schema.Finite
      })
    })
  ),
  /** A small model trained on each engine that was there. */
  memory: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        engine: Schema.String,
        /** Resident memory of its process as training goes on, and tensors that tfjs holds. */
        samples: Schema.Array(
          Schema.Struct({ update: Schema.Int, rssMiB: Schema.Finite, tensors: Schema.optionalKey(Schema.Int) })
        ),
        /** Of tfjs: results of an update of the paper's model, the most bytes at a time. */
        planned: Schema.optionalKey(
          Schema.Struct({
            planBytes: Schema.Int,
            /** The same, counted as kernels gave results and releases took them. */
            countedBytes: Schema.Int,
            stateBytes: Schema.Int,
            /** The whole memory of the wasm module after it. */
            moduleBytes: Schema.optionalKey(Schema.Int)
          })
        )
      })
    )
  ),
  /** What an update is made of, measured apart. */
  parts: Schema.optionalKey(
    Schema.Struct({
      /** The real images of a batch, from bytes. */
      gathering: Summary,
      /** The latents of both players. */
      noise: Summary,
      /** D's gradients, with the images that they are taken of: `InferenceSession.run` of the first stage. */
      discriminator: Summary,
      /** G's gradients: the second stage. */
      generator: Summary,
      /** Both stages. */
      engine: Summary,
      /** Adam, of both players: the kernels of `updateKernel.ts`. */
      updates: Summary,
      /** `Executable.step` as a whole: noise, engine, updates, and what lies between. */
      step: Summary,
      readOutputs: Summary,
      /** A copy of the whole state, as for a checkpoint; not part of an update. */
      readState: Summary
    })
  ),
  /** The size of the training program. */
  program: Schema.optionalKey(
    Schema.Struct({
      /** Primitives, after simplification. */
      nodes: Schema.Int,
      /** Floating-point operations of an update (`programCost`). */
      flop: Schema.Finite,
      /** Operators of the ONNX graph, before the engine's own optimisation. */
      onnxNodes: Schema.Int,
      onnxBytes: Schema.Int,
      /** Differentiating and simplifying. */
      buildMs: Schema.Finite,
      /** Lowering to ONNX. */
      lowerMs: Schema.Finite,
      byPrimitive: Schema.Array(Schema.Struct({ primitive: Schema.String, nodes: Schema.Int, flop: Schema.Finite }))
    })
  )
})
export type BenchResult = typeof BenchResult.Type

/** The result as JSON text; throws if a number is missing (NaN) or a part does not fit the schema. */
export const encodeResult = (result: BenchResult): string =>
  JSON.stringify(Schema.encodeSync(BenchResult)(result), undefined, 2)

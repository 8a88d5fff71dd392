import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import { Backends, Checkpoints, Datasets, Logs, Runs } from "../../src/index.ts"

type Built = Layer.Layer<never, { readonly _tag: string; readonly message: string }, FileSystem.FileSystem | Path.Path>

const size = { count: 6, channels: 1, height: 8, width: 8, seed: 1 }
const digits = { count: 6, digits: 2, height: 20, width: 20, overlap: "sum", seed: 1 } as const
const place = { directory: "x" }
/** As a program in JavaScript may, which no compiler checks. */
const unknownProvider: Parameters<typeof Backends.onnxRuntimeWith>[0] = JSON.parse('{ "providers": ["tpu"] }')

/** Layers that cannot be built, made only when they are asked for; and what their error says. */
const impossible: ReadonlyArray<readonly [name: string, make: () => Built, tag: string, says: RegExp]> = [
  ["no checkpoint kept", () => Checkpoints.fileSystem({ ...place, keep: 0 }), "CheckpointError", /keep .* not 0/],
  [
    "one in half an update",
    () => Checkpoints.fileSystem({ ...place, keep: { last: 1, every: 0.5 } }),
    "CheckpointError",
    /keep.every .* not 0.5/
  ],
  ["a log of no bytes", () => Logs.jsonLines("x/log", { mostBytes: 0 }), "TrainingLogError", /mostBytes .* not 0/],
  ["a log without a path", () => Logs.jsonLines(""), "TrainingLogError", /ENOENT/],
  ["no images", () => Datasets.synthetic({ ...size, count: 0 }), "DatasetError", /count .* not 0/],
  ["a width below 0", () => Datasets.synthetic({ ...size, width: -1 }), "DatasetError", /width .* not -1/],
  ["half a seed", () => Datasets.synthetic({ ...size, seed: 0.5 }), "DatasetError", /seed .* not 0.5/],
  [
    "digits that are too large",
    () => Layer.provide(Datasets.severalDigits({ ...digits, height: 4 }), Datasets.synthetic(size)),
    "DatasetError",
    /do not fit/
  ],
  [
    "digits from a folder that is not there",
    () => Datasets.idxFolder({ directory: "no/such/folder" }),
    "DatasetError",
    /no such folder/
  ],
  ["no provider", () => Backends.onnxRuntimeWith({ providers: [] }), "BackendError", /empty/],
  [
    "an unknown provider",
    () => Backends.onnxRuntimeWith(unknownProvider),
    "BackendError",
    /cpu, cuda, webgpu, not "tpu"/
  ],
  ["a lock without a folder", () => Runs.lock(""), "FolderLockError", /cannot be locked/]
]

describe("a layer that cannot be built", () => {
  it.effect.each(impossible)(
    "fails with a typed error where it is built, and throws nothing before: %s",
    ([, make, tag, says]) =>
      Effect.gen(function* () {
        const cause = yield* Effect.flip(Effect.sandbox(Effect.scoped(Layer.build(make()))))
        assert.isFalse(Cause.hasDies(cause), Cause.pretty(cause))
        const error = yield* Effect.fromOption(Cause.findErrorOption(cause))
        assert.strictEqual(error._tag, tag)
        assert.match(error.message, says)
      }).pipe(Effect.provide(NodeServices.layer))
  )
})

import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { deepMerge } from "../../src/domain/experiment/presets.ts"
import { encodeResults } from "../../src/domain/paper/report/resultsFile.ts"
import { CheckpointStore } from "../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../src/layers/checkpoint/fileSystem.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerIdxFolder } from "../../src/layers/dataset/idxFolder.ts"
import { sha256 } from "../../src/layers/file/sha256.ts"
import { readJsonLines } from "../../src/layers/log/readJsonLines.ts"
import { cached } from "../../src/programs/paper/cached.ts"
import { readResults } from "../../src/programs/paper/readResults.ts"
import { verifyFolder } from "../../src/programs/verify/verifyFolder.ts"
import { tinyJson, tinyUpdates } from "../programs/training/tinyExperiment.ts"
import { encodeIdx } from "../support/encodeIdx.ts"
import { resultsFixture } from "../support/resultsFixture.ts"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import { type Draw, drawsOf } from "./random.ts"

/** Files of one kind, and how the library reads them. */
interface Kind {
  readonly what: string
  readonly files: ReadonlyArray<string>
  /** Reads as the programs do. Fails, or warns, if anything is wrong; else gives what was read. */
  readonly read: (file: string) => Effect.Effect<unknown, Error, FileSystem.FileSystem | Path.Path>
}

/** A folder as runs, a reproduction and a data set leave it: a real run, and the other files made by their writers. */
const makeFolder = (root: string): ReadonlyArray<Kind> => {
  const run = join(root, "run")
  const config = join(root, "config.json")
  writeFileSync(config, JSON.stringify(deepMerge(tinyJson, { reporting: { milestoneEpochs: [1] } })))
  const main = fileURLToPath(new URL("../../src/programs/main.ts", import.meta.url))
  const trained = spawnSync(process.execPath, [
    main,
    "train",
    "--config",
    config,
    "--out",
    run,
    "--backend",
    "reference"
  ])
  if (trained.status !== 0) throw new Error(`the run to be corrupted failed: ${trained.stderr}`)

  const report = join(root, "report")
  mkdirSync(report)
  writeFileSync(join(report, "results.json"), encodeResults(resultsFixture(), sha256))

  const data = join(root, "data")
  mkdirSync(data)
  for (const [split, count] of [
    ["train", 12],
    ["t10k", 5]
  ] as const) {
    const values = Uint8Array.from({ length: count * 12 }, (_, i) => (i * 37) % 256)
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10)
    writeFileSync(join(data, `${split}-images-idx3-ubyte`), encodeIdx({ shape: [count, 4, 3], values }))
    writeFileSync(join(data, `${split}-labels-idx1-ubyte.gz`), gzipSync(encodeIdx({ shape: [count], values: labels })))
  }
  const idx = readdirSync(data)
  const digest = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(data, name)))
      .digest("hex")
  writeFileSync(join(data, "SHA256SUMS"), idx.map((name) => `${digest(name)}  ${name}\n`).join(""))

  const newestOf = (store: string) => {
    const folders = readdirSync(store).sort()
    return ["manifest.json", "tensors.safetensors"].map((name) => join(store, folders.at(-1) ?? "", name))
  }
  const latest = (file: string) =>
    Effect.flatMap(CheckpointStore, (store) => store.latest).pipe(
      Effect.provide(layerFileSystem({ directory: dirname(dirname(file)) }), { local: true })
    )
  const measures = join(root, "evaluation", "measures.json")
  return [
    { what: "checkpoint", files: newestOf(join(run, "checkpoints")), read: latest },
    { what: "milestone", files: newestOf(join(run, "milestones")), read: latest },
    { what: "log", files: [join(run, "log.jsonl")], read: readJsonLines },
    { what: "results.json", files: [join(report, "results.json")], read: readResults },
    {
      what: "remembered measures",
      files: [measures],
      read: (file) =>
        cached(
          file,
          { schema: Schema.Array(Schema.Number), key: { seed: 1 } },
          Effect.succeed(Array.from({ length: 40 }, (_, i) => Math.sqrt(i)))
        )
    },
    {
      what: "IDX files and SHA256SUMS",
      files: [...idx, "SHA256SUMS"].map((name) => join(data, name)),
      read: () => Effect.provide(Dataset, layerIdxFolder({ directory: data }), { local: true })
    }
  ]
}

/** Files up to this size are changed at every byte and cut at every length. */
const smallFile = 6000

const positions = (length: number, most: number, draw: Draw): ReadonlyArray<number> =>
  length <= most ? Array.from({ length }, (_, i) => i) : Array.from({ length: most }, () => draw(length))

/**
 * Flips a byte, or cuts the file, at every position of small files and at random ones of large ones: whatever reads it must
 * fail or warn and name the file, or read exactly what was there; and `fovea verify` must call it damaged.
 */
export const corruption: FaultPart = {
  name: "corruption",
  run: async ({ size, seed }) => {
    const draw = drawsOf(seed)
    const root = mkdtempSync(join(tmpdir(), "fovea-corruption-"))
    const warnings: Array<string> = []
    const logger = Logger.make(({ message }) => {
      warnings.push(String(message))
    })
    const runtime = ManagedRuntime.make(Layer.merge(NodeServices.layer, Logger.layer([logger])))
    try {
      const kinds = makeFolder(root)
      const most = size === "full" ? smallFile : 20
      const counts: Array<FaultCount> = []
      for (const { what, files, read } of kinds) {
        /** What the reader says: an error or warning, or what was read. */
        const outcome = async (file: string): Promise<{ readonly said: string; readonly value: string }> => {
          warnings.length = 0
          const result = await runtime.runPromise(
            read(file).pipe(
              Effect.map((value) => ({ said: "", value: JSON.stringify(value) })),
              Effect.catch(({ message }) => Effect.succeed({ said: message, value: "" }))
            )
          )
          return { said: [result.said, ...warnings].join("\n"), value: result.value }
        }
        for (const file of files) await outcome(file)
        for (const [fault, spoil] of [
          ["byte flipped", (bytes: Buffer, at: number) => flipped(bytes, at, draw(8))],
          ["cut short", (bytes: Buffer, at: number) => bytes.subarray(0, at)]
        ] as const) {
          let [tried, losses] = [0, 0]
          for (const file of files) {
            const original = readFileSync(file)
            const whole = await outcome(file)
            if (whole.said !== "") throw new Error(`${file} is not sound to begin with: ${whole.said}`)
            for (const at of positions(original.length, most, draw)) {
              if (fault === "cut short" && isKilledRunsLog(original, at, file)) continue
              const spoilt = spoil(original, at)
              writeFileSync(file, spoilt)
              const { said, value } = await outcome(file)
              tried++
              // A file that is read and has the same meaning (SHA256SUMS without its last line feed) lost nothing.
              const named = said.includes(dirname(file)) || (said === "" && value === whole.value)
              // A log cut at the end of a line shows in the checkpoints beside it.
              if (!named && !(await verified(file, runtime.runPromise))) losses++
              // Whatever the reader did about it (measures are measured anew), the next fault begins with the whole file.
              writeFileSync(file, original)
            }
          }
          counts.push({ what: `${what}: ${fault}`, tried, losses })
        }
      }
      counts.push(await verifyNamesEach(root, kinds, size === "full" ? 1500 : 10, draw, runtime.runPromise))
      return counts
    } finally {
      await runtime.dispose()
      rmSync(root, { recursive: true, force: true })
    }
  }
}

const flipped = (bytes: Buffer, at: number, bit: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ (1 << bit)
  return copy
}

/** A log that ends with a whole line behind the record of its last checkpoint is the log of a run that was killed there. */
const isKilledRunsLog = (original: Buffer, at: number, file: string): boolean => {
  if (!file.endsWith(".jsonl")) return false
  const kept = original.subarray(0, at).toString()
  const endsWhole = kept.endsWith("\n") || original[at] === 0x0a
  return endsWhole && kept.includes(`"update":${tinyUpdates}`)
}

type Run = <A>(effect: Effect.Effect<A, never, FileSystem.FileSystem | Path.Path>) => Promise<A>

/** Whether `fovea verify` on the file's run calls the file damaged. */
const verified = async (file: string, run: Run): Promise<boolean> => {
  const states = await run(Effect.orDie(verifyFolder(dirname(file))))
  return states.some(({ path, state }) => state === "damaged" && join(dirname(file), path) === file)
}

/** Flips bytes of files drawn at random: `fovea verify` on the whole folder must call that file damaged, and only it. */
const verifyNamesEach = async (
  root: string,
  kinds: ReadonlyArray<Kind>,
  tries: number,
  draw: Draw,
  run: Run
): Promise<FaultCount> => {
  const files = kinds.flatMap(({ files }) => files).filter((file) => !file.endsWith("SHA256SUMS"))
  let losses = 0
  for (let tried = 0; tried < tries; tried++) {
    const file = files[draw(files.length)] ?? ""
    const original = readFileSync(file)
    writeFileSync(file, flipped(original, draw(original.length), draw(8)))
    const states = await run(Effect.orDie(verifyFolder(root)))
    const damaged = states.filter(({ state }) => state === "damaged").map(({ path }) => join(root, path))
    if (damaged.length !== 1 || damaged[0] !== file) losses++
    writeFileSync(file, original)
  }
  const sound = (await run(Effect.orDie(verifyFolder(root)))).some(({ state }) => state === "damaged") ? 1 : 0
  return { what: "fovea verify on a whole folder: byte flipped", tried: tries + 1, losses: losses + sound }
}

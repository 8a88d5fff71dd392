import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeSafetensors, encodeSafetensors } from "../../../src/domain/checkpoint/safetensors.ts"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import type { Losses } from "./Contestant.ts"
import { ContestantError } from "./startContestant.ts"

/** Engines that `peers/peer.py` trains the paper's model with, and the packages they need. */
export const pythonEngines = {
  jax: ["jax", "numpy"],
  "torch-eager": ["torch", "numpy"],
  "torch-compiled": ["torch", "numpy"]
} as const

export type PythonEngine = keyof typeof pythonEngines

/** The interpreter of all peers; another one than that on the path is named by the environment. */
export const python = process.env["FOVEA_PYTHON"] ?? "python3"

/** Why an engine cannot be run here, or `undefined`. */
export const missingFor = (engine: PythonEngine): string | undefined => {
  const wanted = JSON.stringify(pythonEngines[engine])
  const { status, stdout } = spawnSync(
    python,
    ["-c", `import importlib.util as u; print(*[p for p in ${wanted} if u.find_spec(p) is None])`],
    { encoding: "utf8" }
  )
  if (status !== 0) return `${python} does not run (FOVEA_PYTHON names another)`
  return stdout.trim() === "" ? undefined : `${python} lacks ${stdout.trim()} (FOVEA_PYTHON names another)`
}

/** What a peer works on: parameters by Fovea's paths, and some updates' images and latents, which it takes in turn. */
export interface PythonWork {
  readonly parameters: NamedTensors
  /** `[K, batch, 28, 28]`. */
  readonly images: NamedTensors[string]
  /** `[K, 2, T, batch, z]`: D's and G's. */
  readonly latents: NamedTensors[string]
}

/** Starts the peer of the paper's model, which lives as long as the scope. It uses as many threads as there are cores. */
export const startPython = (engine: PythonEngine, { parameters, images, latents }: PythonWork) =>
  Effect.flatMap(workFolder, (folder) => {
    const file = join(folder, "work.safetensors")
    writeFileSync(file, encodeSafetensors({ ...below("parameters", parameters), images, latents }))
    return openPeer(engine, "peer.py", [file])
  })

/** Starts the peer of a system. `batches` are inputs and random numbers of some updates, by Fovea's names. */
export const startSystemPeer = (
  engine: PythonEngine,
  setup: object,
  { parameters, batches }: { readonly parameters: NamedTensors; readonly batches: ReadonlyArray<NamedTensors> }
) =>
  Effect.flatMap(workFolder, (folder) => {
    const [plan, file] = [join(folder, "setup.json"), join(folder, "work.safetensors")]
    writeFileSync(plan, JSON.stringify({ ...setup, threads: 2 }))
    const given = batches.map((batch, update) => below(`batches/${update}`, batch))
    writeFileSync(file, encodeSafetensors(Object.assign(below("parameters", parameters), ...given)))
    return Effect.map(openPeer(engine, "systemPeer.py", [plan, file]), (peer) => ({
      run: peer.run,
      /** All players' gradients at other parameters, on the first batch. */
      gradientsAt: (at: NamedTensors) =>
        Effect.suspend(() => {
          const [there, found] = [join(folder, "at.safetensors"), join(folder, "gradients.safetensors")]
          writeFileSync(there, encodeSafetensors(at))
          return Effect.map(
            peer.ask({ gradients: found, at: there }),
            () => Result.getOrThrow(decodeSafetensors(readFileSync(found))).tensors
          )
        })
    }))
  })

const below = (folder: string, tensors: NamedTensors): NamedTensors =>
  Object.fromEntries(Object.entries(tensors).map(([path, tensor]) => [`${folder}/${path}`, tensor]))

/** A folder for what a peer is given, which lives as long as the scope. */
export const workFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fovea-peer-"))),
  (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
)

const openPeer = Effect.fnUntraced(function* (engine: PythonEngine, script: string, files: ReadonlyArray<string>) {
  const path = fileURLToPath(new URL(`../peers/${script}`, import.meta.url))
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(python, [path, engine, ...files])),
    (started) => Effect.sync(() => void started.kill())
  )
  const answers = createInterface({ input: child.stdout })
  if (process.env["BENCH_VERBOSE"] === undefined) child.stderr.resume()
  else child.stderr.pipe(process.stderr)
  const answer = nextLine(engine, child, answers)
  yield* answer
  const ask = (request: object): Effect.Effect<unknown, ContestantError> =>
    Effect.andThen(
      Effect.sync(() => void child.stdin.write(`${JSON.stringify(request)}\n`)),
      answer
    )
  return {
    ask,
    /**
     * Does updates: at least one, then until there are `most` or `seconds` have passed; on the random numbers given, or on its own.
     */
    run: ({ draw = false, ...limit }: { readonly most: number; readonly seconds: number; readonly draw?: boolean }) =>
      // The border to Python: the peers answer in this form. JSON has no infinity.
      Effect.map(
        ask({ run: { ...mapRecord(limit, (bound) => Math.min(bound, 1e9)), draw } }),
        (reply) => reply as PythonRun
      ),
    /** Writes both gradients at the given parameters to a safetensors file. */
    gradients: (path: string) => ask({ gradients: path })
  }
})

interface PythonRun {
  readonly times: ReadonlyArray<number>
  readonly cpuMs: number
  readonly losses: Losses
  readonly peakRssMiB: number
}

const nextLine = (
  contestant: string,
  child: ChildProcessWithoutNullStreams,
  lines: ReturnType<typeof createInterface>
): Effect.Effect<unknown, ContestantError> =>
  Effect.callback((resume) => {
    const finish = (result: Effect.Effect<unknown, ContestantError>) => {
      child.off("exit", onExit)
      lines.off("line", onLine)
      resume(result)
    }
    const onExit = (code: number | null) =>
      finish(Effect.fail(new ContestantError({ contestant, problem: `ended with code ${code}` })))
    const onLine = (line: string) => finish(Effect.succeed(JSON.parse(line)))
    child.once("exit", onExit)
    lines.once("line", onLine)
  })

/** Tensors of several updates as one, with a first axis for the updates. */
export const stacked = (updates: ReadonlyArray<ReadonlyArray<Float32Array>>, shape: ReadonlyArray<number>) => {
  const parts = updates.flat()
  const size = parts.reduce((total, { length }) => total + length, 0)
  const values = new Float32Array(size)
  let at = 0
  for (const part of parts) {
    values.set(part, at)
    at += part.length
  }
  return { shape: [updates.length, ...shape], values }
}

/** A state in float32. */
export const inFloat32 = (state: NamedTensors): NamedTensors =>
  mapRecord(state, ({ shape, values }) => ({ shape, values: Float32Array.from(values) }))

import { createRequire } from "node:module"
import * as Effect from "effect/Effect"
import { BackendError } from "../TensorBackend.ts"
import type { KernelBackend, TfjsCore } from "./TfjsEngine.ts"

/** Where a tfjs backend comes from. */
export interface TfjsPackages {
  /** The package with the engine; the layer's own name for the library's functions is read from it. */
  readonly core: string
  /** Packages that register the backend, if it is not the first one. */
  readonly others: ReadonlyArray<string>
  /** What a user types to get them. */
  readonly install: string
  /** What they need beside npm, in a sentence. */
  readonly needs?: string
}

/**
 * Imports the packages of a backend, none of which Fovea depends on. Fails with a `BackendError` that says which package
 * is missing or does not load, which command installs it, and what it needs.
 */
export const importTfjs = Effect.fnUntraced(function* (
  backend: string,
  { core, others, install, needs }: TfjsPackages
): Effect.fn.Return<TfjsCore, BackendError> {
  const load = (name: string) =>
    Effect.tryPromise({
      // Not a literal: the packages need not be there when this is compiled.
      try: (): Promise<unknown> => import(name),
      catch: (cause) => {
        const absent = isMissing(cause, name)
        const fault = absent ? `the package ${name} is not installed` : `${name} does not load (${firstLine(cause)})`
        return startError(
          backend,
          `${fault}; install it with "${install}"${needs === undefined ? "" : `. ${needs}`}`,
          cause
        )
      }
    })
  const library = yield* load(core)
  yield* Effect.forEach(others, load, { discard: true })
  if (!isCore(library))
    return yield* Effect.fail(startError(backend, `${core} is not tfjs 4: it lacks engine or getKernel`))
  return library
})

/** The failure of starting a backend. */
export const startError = (backend: string, problem: string, cause?: unknown): BackendError =>
  new BackendError({
    backend,
    program: "start of the engine",
    during: "start",
    problem,
    ...(cause === undefined ? {} : { cause })
  })

/** Whether it is the package itself that was not found, and not something that it needs: in Node's words or a bundler's. */
const isMissing = (cause: unknown, name: string): boolean =>
  cause instanceof Error &&
  ["Cannot find package", "Cannot find module", "Could not resolve"].some(
    (words) => cause.message.includes(`${words} '${name}'`) || cause.message.includes(`${words} "${name}"`)
  )

const firstLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).trim().split("\n")[0] ?? ""

/** Everything else that `TfjsCore` promises comes after these, and has since tfjs 2. */
const isCore = (library: unknown): library is TfjsCore =>
  typeof library === "object" &&
  library !== null &&
  ["engine", "getKernel", "getKernelsForBackend"].every((name) => name in library)

/**
 * Gives Node's `util` the function `isNullOrUndefined`, which Node 23 took away and tfjs-node 4.22, its last release, still
 * calls. Does nothing where it is there.
 */
export const supplyIsNullOrUndefined = (): void => {
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = createRequire(import.meta.url)("node:util")
  util.isNullOrUndefined ??= (value) => value === null || value === undefined
}

/**
 * Has TensorFlow keep its own kernels where oneDNN's would take their place, which depends on the processor: sums in another
 * order, other numbers. It reads the variable when its library is loaded; a value that the user has set stays. A worker
 * thread's `process.env` is a copy that native code does not see: there it is for the user to set.
 */
export const leaveOneDnnOut = (): void => {
  process.env["TF_ENABLE_ONEDNN_OPTS"] ??= "0"
}

/** Both packages with TensorFlow register one backend, and tfjs keeps the first: what is wrong if that is not `core`'s. */
export const tensorflowFault = (core: string, { isGPUPackage }: KernelBackend): string | undefined => {
  if (isGPUPackage === undefined || isGPUPackage === (core === "@tensorflow/tfjs-node-gpu")) return undefined
  const other = isGPUPackage ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node"
  return `this process has loaded ${other}, and tfjs keeps one TensorFlow to a process; run ${core} in another`
}

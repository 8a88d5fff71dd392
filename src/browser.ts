// The public entry "fovea/browser": all of "fovea" that needs nothing of Node, and the engines of browsers.

export * from "./library.ts"
/** Implementations of `TensorBackend` for browsers. */
export * as Backends from "./namespaces/browser/Backends.ts"
/** Checkpoints in memory. */
export * as Checkpoints from "./namespaces/browser/Checkpoints.ts"
/** Data: named arrays in memory or as streams, in batches; and as files next to a page. */
export * as Data from "./namespaces/browser/Data.ts"
/** Implementations of `TrainingLog` that need neither files nor a terminal. */
export * as Logs from "./namespaces/browser/Logs.ts"
/** Training runs as streams of progress, and the operators that make them log, checkpoint and draw. */
export * as Training from "./namespaces/browser/Training.ts"

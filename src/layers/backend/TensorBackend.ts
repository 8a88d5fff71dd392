import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Program } from "../../domain/tensor/Program.ts"
import type { NamedTensors, TensorData } from "../../domain/tensor/TensorData.ts"
import type { Profile } from "./Profile.ts"

/** A program that could not be compiled or run by an engine, or tensors that do not fit it. */
export class BackendError extends Schema.TaggedError<BackendError>()("BackendError", {
  backend: Schema.String,
  program: Schema.String,
  /** What was being done. */
  during: Schema.Literals(["start", "compile", "run", "read"]),
  /** The primitive that the engine stumbled over, as a line of the printed program, where it is known. */
  primitive: Schema.optionalKey(Schema.String),
  /** What went wrong, in a sentence. */
  problem: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    const place = this.primitive === undefined ? "" : ` at ${this.primitive}`
    return `${this.backend} could not ${this.during} "${this.program}"${place}: ${this.problem}`
  }
}

/** What one step of a program is given. */
export interface StepCall<Input extends string = string> {
  /** The program's inputs, each of the declared shape, for any batch with one batch for all. The backend does not keep them. */
  readonly inputs: Readonly<Record<Input, TensorData>>
  /** Which random numbers the program's noise sources draw: those of this seed and step. */
  readonly noise: { readonly seed: number; readonly step: number }
}

/** A compiled program together with its state, which stays with the engine between steps. */
export interface Executable<Input extends string = string, Output extends string = string> {
  /**
   * Does one step; steps asked for at the same time are done one after the other. If it fails or is interrupted, the state
   * is the one before it.
   */
  readonly step: (call: StepCall<Input>) => Effect.Effect<void, BackendError>
  /** The outputs of the last step; an error if there has been none. */
  readonly readOutputs: Effect.Effect<Readonly<Record<Output, TensorData>>, BackendError>
  /** A copy of the state, by path. */
  readonly readState: Effect.Effect<NamedTensors, BackendError>
}

/**
 * Where programs run. Swapping the layer changes that, never what is computed: every backend agrees with `Reference`
 * within float32's accuracy, and sees the same random numbers.
 */
export class TensorBackend extends Context.Service<
  TensorBackend,
  {
    readonly name: string
    /** How many shards of a program it runs at the same time; left out, it runs them one after the other, or programs of one only. */
    readonly parallelism?: number
    /**
     * Compiles a program, once, and gives it its first state. Of `state`, the program's own paths are taken (and
     * checked), the rest is ignored. Closing the scope frees whatever the engine holds; the executable fails from then on.
     */
    readonly compile: <Input extends string, Output extends string>(
      program: Program<Input, Output>,
      state: NamedTensors
    ) => Effect.Effect<Executable<Input, Output>, BackendError, Scope.Scope>
    /**
     * Does these steps of a program of one shard and measures its kernels; the first two steps are not counted. Left out where an engine
     * cannot tell how long they take.
     */
    readonly profile?: (
      program: Program,
      state: NamedTensors,
      calls: ReadonlyArray<StepCall>
    ) => Effect.Effect<Profile, BackendError, FileSystem.FileSystem>
  }
>()("fovea/layers/TensorBackend") {}

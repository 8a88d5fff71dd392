import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Program } from "../../domain/program/Program.ts"
import { held } from "../../domain/record/own.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { ModuleError } from "../../layers/module/loadModule.ts"
import { NoCheckpointError } from "../checkpoint/openCheckpoint.ts"
import { runSampler } from "../sampling/runSampler.ts"
import { asModuleError, loadRecipe } from "../training/recipeModule.ts"
import { samplerInputs } from "./samplerInputs.ts"

/** The sampler of a module and the newest checkpoint that its training made. Fails with a `ModuleError` if the two do not belong together. */
export const openModuleCheckpoint = Effect.fnUntraced(function* (path: string) {
  const { program, sampler } = yield* loadRecipe(path)
  if (sampler === undefined) return yield* new ModuleError({ path, problem: "its training has no `sampler`" })
  const store = yield* CheckpointStore
  const found = yield* store.latest
  if (Option.isNone(found)) return yield* new NoCheckpointError({ location: store.location })
  const { description, tensors } = found.value
  if (description.model !== program.name) {
    const problem = `its program is "${program.name}", but ${store.location} holds checkpoints of "${description.model}"`
    return yield* new ModuleError({ path, problem })
  }
  return { sampler, tensors, update: description.update, seed: description.seed }
})

/** What is drawn of a module's sampler. */
export interface ModuleSampling {
  readonly count: number
  /** None: the run's own. */
  readonly seed: Option.Option<number>
  /** Of `inputFlag`. */
  readonly input: Option.Option<Readonly<Record<string, string>>>
}

/** Samples of a module's sampler: those of its output `images`, or of its only output. Fails also as `samplerInputs` does. */
export const sampleModule = (path: string, options: ModuleSampling) => drawOf(path, options).pipe(asModuleError(path))

const drawOf = Effect.fnUntraced(function* (path: string, { count, seed, input }: ModuleSampling) {
  const opened = yield* openModuleCheckpoint(path)
  const program: Program = opened.sampler(1)
  const inputs = yield* samplerInputs(program, input, count)
  const names = Object.keys(program.outputs)
  const name = names.length === 1 ? names[0] : names.find((each) => each === "images")
  if (name === undefined) {
    const problem = `its sampler has the outputs ${names.join(", ")}, of which none is "images"`
    return yield* new ModuleError({ path, problem })
  }
  const used = Option.getOrElse(seed, () => opened.seed)
  const samples: TensorData = held(
    yield* runSampler(opened.sampler, opened.tensors, { count, seed: used, inputs }),
    name
  )
  return { samples, isImages: samples.shape.length === 4, update: opened.update, seed: used }
})

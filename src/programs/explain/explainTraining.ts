import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { decaysOver } from "../../domain/experiment/decaysOver.ts"
import { type ExperimentSettings, misfit } from "../../domain/experiment/ExperimentSettings.ts"
import { trainingProgram } from "../../domain/experiment/trainingProgram.ts"
import { type Explanation, explain } from "../../domain/explain/explain.ts"
import type { ImageFormat } from "../../domain/model/GenerativeModel.ts"
import { modelOf } from "../../domain/model/modelOf.ts"
import type { Program } from "../../domain/program/Program.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"

/** The training program of settings for images of this format, on one shard; over how many updates something falls changes none of its operations. */
export const programOf = ({ model, training }: ExperimentSettings, format: ImageFormat): Program<"images"> =>
  trainingProgram(modelOf(model, format), { ...decaysOver(training, 1), shards: 1 })

/** The training program of settings for the images of the `Dataset`. Fails with a `SettingsError` if they do not fit. */
export const programForData = Effect.fn("explain.programForData")(function* (settings: ExperimentSettings) {
  const { channels, height, width, count } = (yield* Dataset).training
  const format = { channels, height, width }
  const problem = misfit(settings, format, count)
  if (problem !== undefined) return yield* problem
  return programOf(settings, format)
})

/** What a program costs, its user's files by their paths from the working folder. */
export const explainHere = Effect.fn("explainHere")(function* (program: Program) {
  const { relative, resolve, isAbsolute } = yield* Path.Path
  const here = (file: string) => (isAbsolute(file) ? relative(resolve("."), file) : file)
  const explained = explain(program)
  const shortened = <A extends Pick<Explanation["program"][number], "calls">>(items: ReadonlyArray<A>) =>
    items.map((item) => ({ ...item, calls: item.calls.map((call) => ({ ...call, file: here(call.file) })) }))
  const { memory } = explained
  const made: Explanation = {
    ...explained,
    memory: { ...memory, held: shortened(memory.held) },
    program: shortened(explained.program)
  }
  return made
})

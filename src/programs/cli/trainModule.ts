import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { folderNameOf } from "../../domain/text/fileNames.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import type { OnDamage } from "../../layers/checkpoint/newest.ts"
import { holdFolder } from "../../layers/lock/FolderLock.ts"
import { layerSharp } from "../../layers/onDemand.ts"
import { runFolder } from "../checkpoint/RunFolder.ts"
import { trainRecipe } from "../training/Recipe.ts"
import { asModuleError, loadRecipe } from "../training/recipeModule.ts"
import { shardCount } from "../training/runProgram.ts"
import { backendOf } from "./backendFlag.ts"
import { givenFlag } from "./flags.ts"
import { logLayer } from "./layers.ts"
import { loggingOf } from "./loggingFlags.ts"
import { UsageError } from "./userError.ts"
import { watched } from "./watched.ts"

/** What of `fovea train`'s flags a module's training takes. */
export interface ModuleFlags {
  readonly out: Option.Option<string>
  readonly updates: Option.Option<number>
  readonly seed: Option.Option<number>
  readonly shards: Option.Option<number>
  readonly onDamage: OnDamage
  readonly quiet: boolean
  readonly tensorboard: boolean
  readonly watch: boolean
  readonly allowCommands: boolean
  readonly backend: Parameters<typeof backendOf>[0]
}

const taken = new Set([
  "out",
  "updates",
  "seed",
  "shards",
  "onDamage",
  "quiet",
  "tensorboard",
  "backend",
  "watch",
  "allowCommands"
])

/** `fovea train ./mine.ts`: the recipe that a module exports, in a folder named after its program. */
export const trainModule = Effect.fnUntraced(function* (path: string, flags: ModuleFlags) {
  const flag = givenFlag(flags, taken)
  if (flag !== undefined) {
    return yield* new UsageError({ flag, problem: `goes with the bundled systems: ${path} says itself what it trains` })
  }
  const loaded = yield* loadRecipe(path)
  const recipe = {
    ...loaded,
    updates: Option.getOrElse(flags.updates, () => loaded.updates),
    seed: Option.getOrElse(flags.seed, () => loaded.seed),
    shards: Option.getOrElse(flags.shards, () => loaded.shards ?? shardCount(loaded.program))
  }
  const { batchSize = 1 } = recipe.program
  if (Option.isSome(flags.shards) && batchSize % recipe.shards !== 0) {
    const problem = `a batch of ${batchSize} cannot be divided among ${recipe.shards} shards`
    return yield* new UsageError({ flag: "--shards", problem })
  }
  const logging = yield* loggingOf(flags)
  const backend = yield* backendOf(flags.backend)
  const { name } = recipe.program
  const run = runFolder(Option.getOrElse(flags.out, () => `runs/${folderNameOf(name)}`))
  if (!flags.quiet) yield* Console.log(terminalTable([`${name}: ${recipe.updates} updates, in ${run.folder}`]))
  const stores = layerFileSystem({ directory: run.checkpoints, onDamage: flags.onDamage })
  yield* trainRecipe(recipe, run.folder).pipe(
    Effect.provide(Layer.mergeAll(stores, logLayer(run, logging), backend, layerSharp)),
    watched(run, flags),
    holdFolder(run.folder),
    asModuleError(path)
  )
})

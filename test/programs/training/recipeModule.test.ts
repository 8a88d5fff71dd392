import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { counter } from "../../../src/domain/optim/Optimizer.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { add } from "../../../src/domain/tensor/arithmetic.ts"
import { ProgramError } from "../../../src/domain/tensor/Program.ts"
import { zeros } from "../../../src/domain/tensor/source.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { layerMemory } from "../../../src/layers/checkpoint/memory.ts"
import { layerMemory as layerMemoryLog } from "../../../src/layers/log/TrainingLog.ts"
import { layerSharp } from "../../../src/layers/onDemand.ts"
import { runSampler } from "../../../src/programs/sampling/runSampler.ts"
import { recipe, trainRecipe } from "../../../src/programs/training/Recipe.ts"
import { asModuleError, loadRecipe } from "../../../src/programs/training/recipeModule.ts"

describe("a mistake of a module's program", () => {
  it.effect("is told in one line with the module's path, whether the language throws it or a sampler", () =>
    Effect.gen(function* () {
      const misfit = yield* Effect.sync(() => add(zeros([2]), zeros([3]))).pipe(asModuleError("mine.ts"), Effect.flip)
      assert.match(misfit.message, /^mine\.ts: add of \[2\] and \[3\]/)
      const sampler = make("draw", { state: {}, step: (_, __, key) => ({ outputs: { x: key("z").normal([]) } }) })
      const error = yield* runSampler(sampler, {}, { count: 1, seed: 0 }).pipe(asModuleError("mine.ts"), Effect.flip)
      assert.strictEqual(error._tag, "ModuleError")
      assert.include(error.message, "mine.ts: draw: a sampler's outputs have one first axis")
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("is not what else goes wrong: that keeps its stack", () =>
    Effect.gen(function* () {
      const broken = new TypeError("undefined is not a function")
      const exit = yield* Effect.exit(Effect.die(broken).pipe(asModuleError("mine.ts")))
      assert.isTrue(Exit.isFailure(exit) && Cause.squash(exit.cause) === broken)
    })
  )
})

describe("a recipe", () => {
  const counting = make("counting", {
    state: { count: counter },
    step: ({ count }) => ({ next: { count: add(count, 1) }, outputs: { count } })
  })

  it("is refused where its program's step moves nothing", () => {
    const still = make("still", { state: { count: counter }, step: ({ count }) => ({ outputs: { count } }) })
    const made = () => recipe({ program: still, updates: 3, seed: 0 })
    assert.throws(made, ProgramError, "still: its step moves nothing")
  })

  it.live("is not told to go on, and not logged as begun, where the checkpoint is of another training", () =>
    Effect.gen(function* () {
      const events = yield* Ref.make<ReadonlyArray<TrainingEvent>>([])
      const training = (seed: number) => trainRecipe(recipe({ program: counting, updates: 3, seed }), "unused")
      yield* Effect.gen(function* () {
        yield* training(1)
        const before = yield* Ref.get(events)
        const error = yield* Effect.flip(training(2))
        assert.include(error.message, "it was made with the seed 1, not 2")
        assert.deepStrictEqual(yield* Ref.get(events), before)
      }).pipe(Effect.provide(Layer.mergeAll(layerReference, layerMemory, layerMemoryLog(events), layerSharp)))
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("a module without data", () => {
  const problemOf = (program: string) =>
    Effect.gen(function* () {
      const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      const file = `${folder}/mine.mjs`
      yield* (yield* FileSystem.FileSystem).writeFileString(
        file,
        `export default { program: ${program}, updates: 1, seed: 0 }`
      )
      return yield* loadRecipe(file).pipe(
        Effect.match({ onFailure: ({ problem }) => problem, onSuccess: () => "none" })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

  it.live("is loaded where its program has no inputs, and refused where it has", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* problemOf("{ specs: {}, inputs: {}, onShards: () => {}, written: {} }"), "none")
      const problem = yield* problemOf("{ specs: {}, inputs: { x: {} }, onShards: () => {}, written: {} }")
      assert.match(problem, /^its default export has no data; expected/)
      assert.match(yield* problemOf("{ specs: {} }"), /^its default export has no program made by Program.make/)
    })
  )
})

describe("a module that exports what it should not", () => {
  const mistakes: ReadonlyArray<readonly [string, string, RegExp]> = [
    ["null", "export default null", /: it exports null by default; expected `export default Training.recipe/],
    ["a list", "export default [1]", /^[^\n]*no program made by Program.make/],
    ["a promise", "export default Promise.resolve(1)", /: it exports a promise by default/],
    [
      "an object that throws when it is looked at",
      "export default new Proxy({}, { get() { throw new Error('mine') } })",
      /: its default export throws Error: mine when it is looked at/
    ],
    ["what is no text", "throw Object.create(null)", /: it throws an object$/]
  ]
  it.live.each(mistakes)("%s is told so in one line", ([_, code, message]) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* fs.makeTempDirectoryScoped()}/mine.mjs`
      yield* fs.writeFileString(file, code)
      assert.match((yield* Effect.flip(loadRecipe(file))).message, message)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("is a file: a pipe is not waited for, and a folder is not loaded", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = `${yield* fs.makeTempDirectoryScoped()}/mine.ts`
      yield* fs.makeDirectory(folder)
      assert.strictEqual((yield* Effect.flip(loadRecipe(folder))).message, `${folder}: it is a folder, not a file`)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

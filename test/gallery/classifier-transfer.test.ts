import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { Dataset, Datasets } from "fovea"
import recipe from "../../docs/gallery/classifier-transfer.ts"
import { encodeIdx } from "../support/encodeIdx.ts"
import { keepsContract } from "./contract.ts"

/** A folder with `data/fashion-mnist`, whose clothes are digits of other names, and going there and back. */
const inFolderWithClothes = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { training, test } = yield* Effect.provide(Dataset, Datasets.mnist)
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-clothes-" })
  yield* fs.makeDirectory(`${folder}/data/fashion-mnist`, { recursive: true })
  for (const [prefix, { pixels, labels = new Uint8Array() }, count] of [
    ["train", training, 10_500],
    ["t10k", test, 500]
  ] as const) {
    const at = `${folder}/data/fashion-mnist/${prefix}`
    const images = { shape: [count, 28, 28], values: pixels.subarray(0, count * 784) }
    const names = { shape: [count], values: labels.subarray(0, count).map((label) => 9 - label) }
    yield* fs.writeFile(`${at}-images-idx3-ubyte`, encodeIdx(images))
    yield* fs.writeFile(`${at}-labels-idx1-ubyte`, encodeIdx(names))
  }
  const before = process.cwd()
  yield* Effect.acquireRelease(
    Effect.sync(() => process.chdir(folder)),
    () => Effect.sync(() => process.chdir(before))
  )
})

describe("the gallery's classifier", () => {
  it.live("learns digits, is carried to clothes, and leaves its frozen layers as they are", () =>
    Effect.gen(function* () {
      yield* inFolderWithClothes
      const lines: Array<string> = []
      const console: Console.Console = { ...globalThis.console, log: (line: unknown) => lines.push(String(line)) }
      const small = { updates: 40, moves: { loss: "falls", accuracy: "rises" } } as const
      yield* Effect.provideService(keepsContract(recipe, small), Console.Console, console)
      const [accuracies = "", moved] = lines
      const [digits = 0, clothes = 0] = [...accuracies.matchAll(/\d\.\d+|\b1\b/g)].map(Number)
      assert.isAbove(digits, 0.5, accuracies)
      assert.isAbove(clothes, 0.5, accuracies)
      assert.match(
        moved ?? "",
        /moved net\.parameters\.features\.layer3\.weight, .*layer3\.bias, .*head\.weight, .*head\.bias$/
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { datasetOfFlag, datasetOver } from "../../../src/programs/cli/datasetChoice.ts"

const over = (under: Parameters<typeof datasetOver>[0], given: string) =>
  Effect.provide(datasetOver(under, Option.some(given)), NodeServices.layer)

describe("--dataset", () => {
  it.effect.each<readonly [string, { readonly kind: string; readonly directory?: string }]>([
    ["mnist", { kind: "mnist" }],
    ["several-digits", { kind: "several-digits" }],
    ["folder:a/b", { kind: "folder", directory: "a/b" }],
    ["cifar10:a:b", { kind: "cifar10", directory: "a:b" }],
    ["fashion-mnist:a", { kind: "fashion-mnist", directory: "a" }],
    ["idx:mnist", { kind: "idx", directory: "mnist" }],
    ["a/b", { kind: "idx", directory: "a/b" }],
    ["Folder:a/b", { kind: "folder", directory: "a/b" }],
    ["CIFAR-10:a", { kind: "cifar10", directory: "a" }],
    ["Fashion_MNIST:a", { kind: "fashion-mnist", directory: "a" }],
    ["MNIST", { kind: "mnist" }],
    ["C:\\pictures", { kind: "idx", directory: "C:\\pictures" }]
  ])("%s", ([given, settings]) =>
    Effect.map(Effect.provide(datasetOfFlag(given), NodeServices.layer), (found) =>
      assert.deepStrictEqual<unknown>(found, settings)
    )
  )

  it.effect.each<readonly [string, RegExp]>([
    ["cifar10", /^--dataset: expected cifar10:PATH/],
    ["Fashion-MNIST", /^--dataset: expected fashion-mnist:PATH/],
    [
      "imagenet",
      /^--dataset: expected mnist, several-digits, folder:PATH, .* and there is no folder "imagenet" either$/
    ],
    ["images:a/b", /^--dataset: expected mnist, .* no folder "images:a\/b" either$/],
    ["Folder: ", /^--dataset: expected the path of a folder behind "folder:"$/]
  ])("refuses %s, which is neither a data set nor a folder", ([given, expected]) =>
    Effect.map(Effect.flip(Effect.provide(datasetOfFlag(given), NodeServices.layer)), ({ message }) =>
      assert.match(message, expected)
    )
  )

  it.effect("keeps the settings of its own kind, and no others", () =>
    Effect.gen(function* () {
      const own = { kind: "folder", directory: "a", height: 8, width: 9, crop: "pad" } as const
      assert.deepStrictEqual(yield* over(own, "folder:b"), { ...own, directory: "b" })
      assert.deepStrictEqual(yield* over(own, "cifar10:b"), { kind: "cifar10", directory: "b" })
      assert.deepStrictEqual(yield* over({ kind: "several-digits", digits: 3 }, "several-digits"), {
        kind: "several-digits",
        digits: 3
      })
      assert.deepStrictEqual(yield* datasetOver(own, Option.none()).pipe(Effect.provide(NodeServices.layer)), own)
    })
  )
})

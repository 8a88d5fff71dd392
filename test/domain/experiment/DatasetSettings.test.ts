import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { settingsFrom, settingsJson } from "../../../src/domain/experiment/presets.ts"

const withDataset = (dataset: object) => settingsFrom("paper", [{ dataset }])

describe("DatasetSettings", () => {
  it.each<{ readonly kind: string } & Readonly<Record<string, string | number>>>([
    { kind: "fashion-mnist", directory: "d" },
    { kind: "cifar10", directory: "d" },
    { kind: "folder", directory: "d" },
    {
      kind: "folder",
      directory: "d",
      height: 4,
      width: 5,
      channels: "grey",
      crop: "centre",
      labels: "none",
      unreadable: "skip"
    },
    { kind: "folder", directory: "d", split: "last", splitSeed: 3, validation: 0, test: 1 },
    { kind: "several-digits" },
    { kind: "several-digits", digits: 3, height: 28, width: 90, overlap: "sum", count: 9, placementSeed: 1 }
  ])("$kind comes back as it was", (dataset) => {
    const settings = Result.getOrThrow(withDataset(dataset))
    assert.deepStrictEqual<unknown>(settings.dataset, dataset)
    assert.deepStrictEqual(Result.getOrThrow(settingsFrom("paper", [{ ...Object(settingsJson(settings)) }])), settings)
  })

  it.each<readonly [object, RegExp]>([
    [{ kind: "folder" }, /dataset\.directory: is missing/],
    [{ kind: "folder", directory: "" }, /dataset\.directory: /],
    [{ kind: "folder", directory: "d", height: 4 }, /dataset\.width: is missing: height and width go together/],
    [
      { kind: "folder", directory: "d", crop: "pad" },
      /dataset\.height: is missing: the crop rule "pad" needs the height/
    ],
    [{ kind: "folder", directory: "d", colour: true }, /dataset\.colour: there is no such setting/],
    [{ kind: "folder", directory: "d", test: 0 }, /dataset\.test: /],
    [{ kind: "several-digits", height: 27 }, /dataset\.height: /],
    [
      { kind: "several-digits", height: 6000, width: 6000 },
      /dataset\.count: makes more than 2147483647 pixels together/
    ]
  ])("%j is refused by its field", (dataset, message) => {
    assert.match(Result.getOrThrow(Result.flip(withDataset(dataset))).message, message)
  })
})

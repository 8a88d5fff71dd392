/**
 * A small data set of picture files: `node test/bench/smallDigits.ts FOLDER COUNT` writes the first COUNT training images of
 * MNIST into FOLDER as PNG files, the same number of each class as far as they go. docs/data.md shows what is learnt from such
 * folders.
 */
import { join } from "node:path"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { imageSize } from "../../src/domain/dataset/Images.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { Pictures } from "../../src/layers/figure/Pictures.ts"
import { layerSharp } from "../../src/layers/figure/sharp.ts"

const [folder, given] = process.argv.slice(2)
const count = Number(given)
if (folder === undefined || !Number.isSafeInteger(count)) throw new RangeError("name a folder and a number of pictures")

const write = Effect.gen(function* () {
  const { training } = yield* Dataset
  const { writePng } = yield* Pictures
  const { labels, height, width } = training
  const size = imageSize(training)
  const taken = new Map<number, number>()
  let written = 0
  for (let n = 0; n < training.count && written < count; n++) {
    const digit = labels?.[n] ?? 0
    const before = taken.get(digit) ?? 0
    if (before >= Math.ceil(count / 10)) continue
    taken.set(digit, before + 1)
    const pixels = training.pixels.subarray(n * size, (n + 1) * size)
    yield* writePng(join(folder, `${String(n).padStart(5, "0")}.png`), { height, width, channels: 1, pixels })
    written++
  }
})

NodeRuntime.runMain(write.pipe(Effect.provide(Layer.merge(layerMnist, layerSharp)), Effect.provide(NodeServices.layer)))

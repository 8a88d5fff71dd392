// Makes docs/lesson/digits.npy: the first 3,000 training digits of MNIST, halved to 14 by 14 pixels. Run once: `node build/lessonDigits.ts`.
import { writeFileSync } from "node:fs"
import { resolve } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { Dataset } from "../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../src/layers/dataset/mnist.ts"

const count = 3000
const side = 14

const { training } = await Effect.runPromise(
  Dataset.pipe(Effect.provide(layerMnist), Effect.provide(NodeServices.layer))
)
const pixels = Uint8Array.from({ length: count * side * side }, (_, i) => {
  const [image, y, x] = [Math.floor(i / (side * side)), Math.floor(i / side) % side, i % side]
  const at = image * 4 * side * side + 4 * side * y + 2 * x
  const four = [0, 1, 2 * side, 2 * side + 1].map((offset) => training.pixels[at + offset] ?? 0)
  return Math.round(four.reduce((sum, value) => sum + value, 0) / 4)
})

// A NumPy file, format 1.0: magic, length of the header, the header, the bytes.
const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${count}, ${side}, ${side}), }`
const text = `${header}${" ".repeat(63 - ((10 + header.length) % 64))}\n`
const head = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, text.length & 255, text.length >> 8])
const file = resolve(import.meta.dirname, "../docs/lesson/digits.npy")
writeFileSync(file, Buffer.concat([head, Buffer.from(text), pixels]))

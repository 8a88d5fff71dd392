import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import sharp from "sharp"
import { green, inFolder, loaded, type Options, red, write } from "../../../support/imageFolders.ts"
import { withWarnings } from "../../../support/withWarnings.ts"

describe("layerImageFolder", () => {
  it.effect("keeps what it decoded, notices a changed image, and decodes again what was damaged", () =>
    inFolder({ "in/a.png": red, "in/b.png": green, "in/c.png": red }, (folder, fs) =>
      Effect.gen(function* () {
        const [from, cache] = [`${folder}/in`, `${folder}/cache/deep`]
        const options: Options = { cache, split: "last" }
        const kept = Effect.map(fs.readDirectory(cache), (names) => names.sort())
        const fresh = yield* loaded(from, options)
        const [name = ""] = yield* kept
        assert.match(name, /^[0-9a-f]{64}\.pictures$/)
        // Whatever stands in the cache is what is taken: pixels with a digest of their own would come through.
        const stamp = yield* fs.stat(`${cache}/${name}`)
        assert.deepStrictEqual(yield* loaded(from, options), fresh)
        assert.deepStrictEqual((yield* fs.stat(`${cache}/${name}`)).mtime, stamp.mtime)
        // Other splits are other uses of the same images.
        yield* loaded(from, { ...options, split: "random" })
        assert.lengthOf(yield* kept, 1)

        const bytes = yield* fs.readFile(`${cache}/${name}`)
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        yield* fs.writeFile(`${cache}/${name}`, bytes)
        const { result, lines } = yield* withWarnings(loaded(from, options))
        assert.deepStrictEqual(result, fresh)
        assert.match(
          lines.join(),
          /\.pictures is damaged \(its pixels are not those that were written\): the images are decoded again/
        )

        yield* write(from, { "a.png": green })
        const changed = yield* loaded(from, options)
        assert.notStrictEqual(changed.digests["picture files"], fresh.digests["picture files"])
        assert.notDeepEqual(changed.training.pixels, fresh.training.pixels)
        assert.lengthOf(yield* kept, 2)
      })
    )
  )

  it.effect("keeps one image by each rule apart: crop, size and channels give other pixels out of one cache", () => {
    const wide = (n: number) =>
      sharp(
        Uint8Array.from({ length: 4 * 8 * 3 }, (_, i) => (i * 5 + 40 * n) % 256),
        { raw: { width: 8, height: 4, channels: 3 } }
      )
        .png()
        .toBuffer()
    return inFolder({ "in/a.png": wide(0), "in/b.png": wide(1), "in/c.png": wide(2) }, (folder, fs) =>
      Effect.gen(function* () {
        const cache = `${folder}/cache`
        const square = { height: 4, width: 4 }
        const rules: ReadonlyArray<Options> = [
          {},
          { channels: "grey" },
          { ...square, crop: "centre" },
          { ...square, crop: "pad" },
          { ...square, crop: "stretch" },
          { height: 3, width: 6, crop: "none" },
          { height: 4, width: 6, crop: "stretch" },
          { height: 6, width: 4, crop: "stretch" }
        ]
        const pixels = (options: Options) =>
          Effect.map(loaded(`${folder}/in`, { split: "last", ...options }), ({ training }) => training.pixels.join())
        const fresh = yield* Effect.forEach(rules, pixels)
        assert.strictEqual(new Set(fresh).size, rules.length)
        for (const _ of ["decoded", "from the cache"]) {
          assert.deepStrictEqual(yield* Effect.forEach(rules, (rule) => pixels({ ...rule, cache })), fresh)
          assert.lengthOf(yield* fs.readDirectory(cache), rules.length)
        }
      })
    )
  })

  it.effect("goes on without a cache that cannot be written", () =>
    inFolder({ "in/a.png": red, "in/b.png": green, file: "in the way" }, (folder) =>
      Effect.gen(function* () {
        const { result, lines } = yield* withWarnings(loaded(`${folder}/in`, { cache: `${folder}/file/cache` }))
        assert.strictEqual(result.training.count, 1)
        assert.match(lines.join(), /Decoded images are not kept: .*cannot be written/)
      })
    )
  )
})

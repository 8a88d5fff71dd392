import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import sharp from "sharp"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { type ImageFolderOptions, layerImageFolder } from "../../src/layers/dataset/folder/imageFolder.ts"

type Content = Promise<Uint8Array> | string

/** Files to be written, by their paths from the folder: images and texts. */
export type Files = Readonly<Record<string, Content>>

/** An image of one colour. */
export const solid = (height: number, width: number, colour: readonly [number, number, number]) =>
  sharp(
    Uint8Array.from({ length: height * width * 3 }, (_, i) => colour[i % 3] ?? 0),
    {
      raw: { width, height, channels: 3 }
    }
  )

/** A grey PNG file; `values` gives its pixels, row by row. */
export const grey = (height: number, width: number, values: (i: number) => number) =>
  sharp(
    Uint8Array.from({ length: height * width }, (_, i) => values(i)),
    { raw: { width, height, channels: 1 } }
  )
    .toColourspace("b-w")
    .png()
    .toBuffer()

/** One file of each kind, of 4 rows and 6 columns. */
export const red = solid(4, 6, [255, 0, 0]).png().toBuffer()
export const green = solid(4, 6, [0, 255, 0]).webp({ lossless: true }).toBuffer()
export const blue = solid(4, 6, [0, 0, 255]).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer()

/** Writes files below a folder, and the folders that they need. */
export const write = Effect.fnUntraced(function* (folder: string, files: Files) {
  const fs = yield* FileSystem.FileSystem
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`
    yield* fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : yield* Effect.promise(() => content)
    yield* fs.writeFile(path, bytes)
  }
})

/** What is said of a folder beside where it is. */
export type Options = Omit<ImageFolderOptions, "directory">

/** The data set that a folder makes. */
export const loaded = (directory: string, options: Options = {}) =>
  Dataset.pipe(Effect.provide(layerImageFolder({ directory, ...options }), { local: true }))

/** Runs a test in a temporary folder of its own that holds these files. */
export const inFolder = <A, E>(
  files: Files,
  test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-pictures-" })
    yield* write(folder, files)
    return yield* test(folder, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

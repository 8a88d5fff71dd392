// Reads one file and tells whether it was refused and how much memory the process has had at most: started by hostileFiles.ts.
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { decodeSafetensors } from "../../src/domain/checkpoint/safetensors.ts"
import { parseJson } from "../../src/domain/json/parseJson.ts"
import { decodeFiles } from "../../src/layers/dataset/folder/decodeFiles.ts"
import { readIdxFile } from "../../src/layers/dataset/idxFile.ts"
import { MAX_FILE_BYTES, MAX_SETTINGS_BYTES, readBounded, readBoundedText } from "../../src/layers/file/readBounded.ts"
import { readSamples } from "../../src/layers/samples/readSamples.ts"
import type { BombReader } from "./bombs.ts"

const readers: Readonly<Record<BombReader, (path: string) => Effect.Effect<unknown, unknown, FileSystem.FileSystem>>> =
  {
    idx: (path) => readIdxFile(path, 3),
    image: (path) => readSamples(path.slice(0, path.lastIndexOf("/")), { channels: 1, height: 4, width: 3 }),
    dataset: (path) =>
      Effect.flatMap(
        decodeFiles(path.slice(0, path.lastIndexOf("/")), [{ path: "file.png" }], {
          height: 4,
          width: 3,
          crop: "centre"
        }),
        ({ refused: [first] }) => (first === undefined ? Effect.void : Effect.fail(first))
      ),
    safetensors: (path) =>
      FileSystem.FileSystem.use((fs) => readBounded(fs, path, MAX_FILE_BYTES)).pipe(
        Effect.flatMap((bytes) => Effect.fromResult(decodeSafetensors(bytes)))
      ),
    json: (path) =>
      FileSystem.FileSystem.use((fs) => readBoundedText(fs, path, MAX_SETTINGS_BYTES)).pipe(
        Effect.flatMap((text) => Effect.fromResult(parseJson(text)))
      )
  }

const [reader = "", path = ""] = process.argv.slice(2)
const found = Object.entries(readers).find(([name]) => name === reader)
if (found === undefined) throw new Error(`there is no reader ${reader}`)
const result = await Effect.runPromise(Effect.result(Effect.provide(found[1](path), NodeServices.layer)))
const megabytes = process.resourceUsage().maxRSS / 1000
console.log(JSON.stringify({ refused: Result.isFailure(result), megabytes }))

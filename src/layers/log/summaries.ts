import * as Result from "effect/Result"
import { decodeSafetensors } from "../../domain/checkpoint/safetensors.ts"
import type { TrainingEventOf } from "../../domain/experiment/TrainingEvent.ts"
import { imageFileFormat } from "../../domain/image/imageFile.ts"
import type { SummaryValue } from "./eventMessages.ts"
import { histogramOf } from "./histogram.ts"

/** Metrics and speed, each under its own tag. Numbers that are not finite are kept. */
export const progressSummaries = ({
  metrics,
  updatesPerSecond,
  epoch
}: TrainingEventOf<"Progress">): ReadonlyArray<SummaryValue> => [
  ...Object.entries(metrics).map(([name, simpleValue]) => ({ tag: `metrics/${name}`, simpleValue })),
  { tag: "run/epoch", simpleValue: epoch },
  { tag: "run/updatesPerSecond", simpleValue: updatesPerSecond }
]

/** Channels by the colour type in a PNG's header: 1 grey, 2 grey with alpha, 3 RGB (or a palette of it), 4 RGB with alpha. */
const channelsOfColourType = [1, undefined, 3, 3, 2, undefined, 4]

/** The bytes of a written image under the name of its file; nothing if they are not a PNG. */
export const imageSummaries = (path: string, bytes: Uint8Array): ReadonlyArray<SummaryValue> => {
  const format = Result.getOrUndefined(imageFileFormat(bytes))
  const colorspace = channelsOfColourType[bytes[25] ?? -1]
  if (format?.mediaType !== "image/png" || colorspace === undefined) return []
  const { width, height } = format
  const tag = `pictures/${path
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/\.png$/i, "")}`
  return [{ tag, image: { width, height, colorspace, encodedImageString: bytes } }]
}

/** Not shown: the optimisers' own numbers, which would be three times as many as the parameters. */
const hidden = /^optimizer\./

/** A histogram of every parameter in a checkpoint's tensors, or what is wrong with the bytes. */
export const parameterSummaries = (tensors: Uint8Array): Result.Result<ReadonlyArray<SummaryValue>, string> =>
  Result.mapBoth(decodeSafetensors(tensors), {
    onFailure: ({ message }) => message,
    onSuccess: (content) =>
      Object.entries(content.tensors).flatMap(([path, { values }]) => {
        const histo = hidden.test(path) ? undefined : histogramOf(values)
        return histo === undefined ? [] : [{ tag: path.replace(".", "/"), histo }]
      })
  })

/** Text as a block that Markdown leaves as it is. A fence longer than any within cannot be ended by the text. */
export const codeBlock = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = "`".repeat(longest + 1)
  return `${fence}\n${text}\n${fence}`
}

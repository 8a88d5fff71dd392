import { protoMessages } from "../file/protoMessages.ts"
import type { Histogram } from "./histogram.ts"

/**
 * The part of TensorFlow's event.proto and summary.proto that training logs use, field numbers as published. Plain
 * numbers are written in the older form (`simpleValue`), which every TensorBoard reads and converts.
 */
const root = protoMessages({
  Event: "double wallTime 1, int64 step 2, string fileVersion 3, Summary summary 5, SessionLog sessionLog 7",
  SessionLog: "int32 status 1",
  Summary: "repeated Value value 1",
  Value: "string tag 1, float simpleValue 2, Image image 4, Histogram histo 5, Tensor tensor 8, Metadata metadata 9",
  Image: "int32 height 1, int32 width 2, int32 colorspace 3, bytes encodedImageString 4",
  Histogram:
    "double min 1, double max 2, double num 3, double sum 4, double sumSquares 5, repeated double bucketLimit 6, repeated double bucket 7",
  Metadata: "PluginData pluginData 1",
  PluginData: "string pluginName 1",
  Tensor: "int32 dtype 1, TensorShape tensorShape 2, repeated bytes stringVal 8",
  TensorShape: "repeated Dimension dim 2",
  Dimension: "int64 size 1"
})

/** An image in a summary: the bytes of a PNG file. `colorspace` counts its channels: 1 grey, 3 RGB, 4 with alpha. */
export interface ImageSummary {
  readonly height: number
  readonly width: number
  readonly colorspace: number
  readonly encodedImageString: Uint8Array
}

/** Something to be shown under a tag. */
export type SummaryValue =
  | { readonly tag: string; readonly simpleValue: number }
  | { readonly tag: string; readonly image: ImageSummary }
  | { readonly tag: string; readonly histo: Histogram }
  /** Markdown. */
  | { readonly tag: string; readonly text: string }

/** What an event tells. */
export type EventContent =
  /** The first event of every file. */
  | { readonly kind: "version" }
  /** A run goes on at `step`: readers forget what an earlier file holds of it and of later steps. */
  | { readonly kind: "start"; readonly step: number }
  | { readonly kind: "summary"; readonly step: number; readonly values: ReadonlyArray<SummaryValue> }

// SessionLog.START, and the data type DT_STRING.
const [started, stringType] = [1, 7]

/** The bytes of an event; `wallTime` in seconds since 1970. */
export const encodeEvent = (wallTime: number, content: EventContent): Uint8Array => {
  const event = root.lookupType("Event")
  return event.encode(event.fromObject({ wallTime, ...fieldsOf(content) })).finish()
}

const fieldsOf = (content: EventContent): object => {
  switch (content.kind) {
    case "version":
      return { fileVersion: "brain.Event:2" }
    case "start":
      return { step: content.step, sessionLog: { status: started } }
    case "summary":
      return { step: content.step, summary: { value: content.values.map(valueFields) } }
  }
}

const valueFields = (value: SummaryValue): object => {
  if (!("text" in value)) return value
  const stringVal = [new TextEncoder().encode(value.text)]
  return {
    tag: value.tag,
    metadata: { pluginData: { pluginName: "text" } },
    tensor: { dtype: stringType, tensorShape: { dim: [{ size: 1 }] }, stringVal }
  }
}

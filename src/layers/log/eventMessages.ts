import protobuf from "protobufjs/light.js"
import type { Histogram } from "./histogram.ts"

/**
 * The part of TensorFlow's event.proto and summary.proto that training logs use, field numbers as published. Plain
 * numbers are written in the older form (`simpleValue`), which every TensorBoard reads and converts.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: "double", id: 1 },
        step: { type: "int64", id: 2 },
        fileVersion: { type: "string", id: 3 },
        summary: { type: "Summary", id: 5 },
        sessionLog: { type: "SessionLog", id: 7 }
      }
    },
    SessionLog: { fields: { status: { type: "int32", id: 1 } } },
    Summary: { fields: { value: { rule: "repeated", type: "Value", id: 1 } } },
    Value: {
      fields: {
        tag: { type: "string", id: 1 },
        simpleValue: { type: "float", id: 2 },
        image: { type: "Image", id: 4 },
        histo: { type: "Histogram", id: 5 },
        tensor: { type: "Tensor", id: 8 },
        metadata: { type: "Metadata", id: 9 }
      }
    },
    Image: {
      fields: {
        height: { type: "int32", id: 1 },
        width: { type: "int32", id: 2 },
        colorspace: { type: "int32", id: 3 },
        encodedImageString: { type: "bytes", id: 4 }
      }
    },
    Histogram: {
      fields: {
        min: { type: "double", id: 1 },
        max: { type: "double", id: 2 },
        num: { type: "double", id: 3 },
        sum: { type: "double", id: 4 },
        sumSquares: { type: "double", id: 5 },
        bucketLimit: { rule: "repeated", type: "double", id: 6 },
        bucket: { rule: "repeated", type: "double", id: 7 }
      }
    },
    Metadata: { fields: { pluginData: { type: "PluginData", id: 1 } } },
    PluginData: { fields: { pluginName: { type: "string", id: 1 } } },
    Tensor: {
      fields: {
        dtype: { type: "int32", id: 1 },
        tensorShape: { type: "TensorShape", id: 2 },
        stringVal: { rule: "repeated", type: "bytes", id: 8 }
      }
    },
    TensorShape: { fields: { dim: { rule: "repeated", type: "Dimension", id: 2 } } },
    Dimension: { fields: { size: { type: "int64", id: 1 } } }
  }
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

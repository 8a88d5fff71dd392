import { assert, describe, it } from "@effect/vitest"
import { multiply } from "../../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../../src/domain/tensor/broadcast.ts"
import { makeProgram } from "../../../../src/domain/tensor/Program.ts"
import { normalNoise, placeholder } from "../../../../src/domain/tensor/source.ts"
import { lowerProgram } from "../../../../src/layers/backend/onnx/lowering.ts"
import { encodeOnnxModel } from "../../../../src/layers/backend/onnx/onnxMessages.ts"

// A reader of the protobuf wire format, written for this test: https://protobuf.dev/programming-guides/encoding/.
// Field numbers below are those of onnx.proto (ONNX 1.16), copied by hand and not from the encoder.

type Field = number | Uint8Array

/** The fields of a message by number, each with all of its occurrences. */
type Message = ReadonlyMap<number, ReadonlyArray<Field>>

const varint = (bytes: Uint8Array, start: number): readonly [value: number, end: number] => {
  let [value, scale, at] = [0, 1, start]
  for (;;) {
    const byte = bytes[at] ?? 0
    at += 1
    value += (byte & 0x7f) * scale
    scale *= 128
    if (byte < 0x80) return [value, at]
  }
}

const parse = (bytes: Uint8Array): Message => {
  const fields = new Map<number, Array<Field>>()
  let at = 0
  while (at < bytes.length) {
    const [tag, afterTag] = varint(bytes, at)
    const [number, wireType] = [Math.floor(tag / 8), tag % 8]
    let value: Field
    if (wireType === 0) {
      ;[value, at] = varint(bytes, afterTag)
    } else if (wireType === 2) {
      const [length, begin] = varint(bytes, afterTag)
      at = begin + length
      value = bytes.subarray(begin, at)
    } else if (wireType === 5) {
      at = afterTag + 4
      value = bytes.subarray(afterTag, at)
    } else {
      throw new Error(`unexpected wire type ${wireType} of field ${number}`)
    }
    fields.set(number, [...(fields.get(number) ?? []), value])
  }
  return fields
}

const isBytes = (field: Field | undefined): field is Uint8Array => field instanceof Uint8Array
const messages = (message: Message, field: number): ReadonlyArray<Message> =>
  (message.get(field) ?? []).filter(isBytes).map(parse)
const texts = (message: Message, field: number): ReadonlyArray<string> =>
  (message.get(field) ?? []).filter(isBytes).map((bytes) => new TextDecoder().decode(bytes))
const number = (message: Message, field: number): Field | undefined => message.get(field)?.[0]

/** Repeated integers: proto3 packs them, onnx.proto is proto2 and does not; readers take both. */
const integers = (message: Message, field: number): ReadonlyArray<number> =>
  (message.get(field) ?? []).flatMap((value) => {
    if (!isBytes(value)) return [value]
    const all: Array<number> = []
    for (let at = 0; at < value.length; ) {
      const [next, end] = varint(value, at)
      all.push(next)
      at = end
    }
    return all
  })

/** ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 { dim_value 1 } } } }. */
const valueInfo = (message: Message) => {
  const tensor = messages(message, 2).flatMap((type) => messages(type, 1))
  const dims = tensor.flatMap((type) => messages(type, 2)).flatMap((shape) => messages(shape, 1))
  return {
    name: texts(message, 1)[0],
    elementType: tensor.map((type) => number(type, 1))[0],
    shape: dims.map((dim) => number(dim, 1))
  }
}

const [total, kept, x] = [placeholder("state.total", [2]), placeholder("state.kept", []), placeholder("x", [3, 2])]
const z = normalNoise("z", [3, 2])
const program = makeProgram({
  name: "tiny",
  state: { total, kept },
  inputs: { x },
  next: { total: sum(multiply(x, z), [0]), kept },
  outputs: { tripled: multiply(total, 3), kept }
})

describe("the bytes of a lowered program", () => {
  const lowered = lowerProgram(program)
  const model = parse(encodeOnnxModel(lowered.graph))
  const graph = messages(model, 7)[0] ?? new Map<number, ReadonlyArray<Field>>()

  it("are a model of IR version 10 with two operator sets", () => {
    assert.strictEqual(number(model, 1), 10)
    assert.deepStrictEqual(texts(model, 2), ["fovea"])
    const sets = messages(model, 8).map((set) => [texts(set, 1)[0] ?? "", number(set, 2)])
    assert.deepStrictEqual(sets, [
      ["", 21],
      ["com.microsoft", 1]
    ])
    assert.deepStrictEqual(texts(graph, 2), ["tiny"])
  })

  it("declare what is used of state, inputs and noise as inputs of float32", () => {
    const inputs = messages(graph, 11).map(valueInfo)
    assert.deepStrictEqual(
      inputs.toSorted((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1)),
      [
        { name: 'noise:"z"', elementType: 1, shape: [3, 2] },
        { name: "state.kept", elementType: 1, shape: [] },
        { name: "state.total", elementType: 1, shape: [2] },
        { name: "x", elementType: 1, shape: [3, 2] }
      ]
    )
  })

  it("declare the changed state and the outputs, each under a name of its own", () => {
    const outputs = messages(graph, 12).map(valueInfo)
    assert.deepStrictEqual(Object.keys(lowered.next), ["total"])
    assert.deepStrictEqual(
      outputs.map(({ name, shape }) => [name, shape]),
      [
        [lowered.next["total"], [2]],
        [lowered.outputs["tripled"], [2]],
        [lowered.outputs["kept"], []]
      ]
    )
    assert.strictEqual(new Set(outputs.map(({ name }) => name)).size, 3)
  })

  it("hold the operators in an order in which each uses only what is there", () => {
    const known = new Set([
      ...messages(graph, 11).flatMap((input) => texts(input, 1)),
      ...messages(graph, 5).flatMap((constant) => texts(constant, 8))
    ])
    const nodes = messages(graph, 1)
    for (const node of nodes) {
      for (const input of texts(node, 1)) assert.isTrue(known.has(input), `${input} is used before it is there`)
      for (const output of texts(node, 2)) known.add(output)
    }
    assert.deepStrictEqual(nodes.flatMap((node) => texts(node, 4)).sort(), ["Identity", "Mul", "Mul", "ReduceSum"])
    assert.deepStrictEqual(
      nodes.flatMap((node) => texts(node, 3)).filter((label) => label.startsWith("sum")),
      ["sum([3, 2]) : [2]/1"]
    )
  })

  it("hold attributes with their types", () => {
    const [reduce] = messages(graph, 1).filter((node) => texts(node, 4)[0] === "ReduceSum")
    const attributes = messages(reduce ?? new Map(), 5).map((attribute) => ({
      name: texts(attribute, 1)[0],
      integer: number(attribute, 3),
      type: number(attribute, 20)
    }))
    // AttributeProto.AttributeType.INT = 2; a value of 0 is the default and left out.
    assert.deepStrictEqual(attributes, [
      { name: "keepdims", integer: undefined, type: 2 },
      { name: "noop_with_empty_axes", integer: 1, type: 2 }
    ])
  })

  it("hold constants as little-endian bytes with dimensions and element type", () => {
    const constants = messages(graph, 5).map((tensor) => {
      const raw = number(tensor, 9)
      if (!isBytes(raw)) throw new Error("a constant has raw data")
      const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
      const type = number(tensor, 2)
      return {
        dims: integers(tensor, 1),
        type,
        // FLOAT = 1, INT64 = 7
        value: type === 1 ? view.getFloat32(0, true) : Number(view.getBigInt64(0, true))
      }
    })
    assert.deepStrictEqual(
      constants.toSorted((a, b) => Number(a.type) - Number(b.type)),
      [
        { dims: [], type: 1, value: 3 },
        { dims: [1], type: 7, value: 0 }
      ]
    )
  })

  it("hold lists of integers and floats as attributes", () => {
    const bytes = encodeOnnxModel({
      name: "attributes",
      nodes: [
        {
          name: "n",
          opType: "Some",
          domain: "com.microsoft",
          input: ["a"],
          output: ["b"],
          attributes: { perm: [2, 0, 1], alpha: { float: 0.5 } }
        }
      ],
      constants: [],
      inputs: [],
      outputs: []
    })
    const [node] = messages(parse(bytes), 7).flatMap((inner) => messages(inner, 1))
    const [perm, alpha] = messages(node ?? new Map(), 5)
    assert.deepStrictEqual(texts(node ?? new Map(), 7), ["com.microsoft"])
    assert.deepStrictEqual([integers(perm ?? new Map(), 8), number(perm ?? new Map(), 20)], [[2, 0, 1], 7])
    const float = number(alpha ?? new Map(), 2)
    assert.isTrue(isBytes(float))
    if (isBytes(float)) assert.strictEqual(new DataView(float.buffer, float.byteOffset).getFloat32(0, true), 0.5)
    assert.strictEqual(number(alpha ?? new Map(), 20), 1)
  })
})

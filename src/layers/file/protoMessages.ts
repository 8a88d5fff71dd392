import protobuf from "protobufjs/light.js"

/** Message types of Protocol Buffers by their fields, written as in a `.proto` file: `repeated int64 dims 1, string name 8`. */
export const protoMessages = (messages: Readonly<Record<string, string>>): protobuf.Root =>
  protobuf.Root.fromJSON({
    nested: Object.fromEntries(
      Object.entries(messages).map(([name, fields]) => [
        name,
        { fields: Object.fromEntries(fields.split(", ").map(fieldOf)) }
      ])
    )
  })

const fieldOf = (field: string): readonly [string, protobuf.IField] => {
  const [id, name = "", type = "", rule] = field.split(" ").reverse()
  return [name, { type, id: Number(id), ...(rule !== undefined && { rule }) }]
}

import { type IdxArray, idxHeaderBytes, idxMagic } from "../../src/domain/data/idx.ts"

/** The IDX file of an array: what `parseIdx` reads back. */
export const encodeIdx = ({ shape, values }: IdxArray): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(idxHeaderBytes(shape.length) + values.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, idxMagic(shape.length))
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size)
  })
  bytes.set(values, idxHeaderBytes(shape.length))
  return bytes
}

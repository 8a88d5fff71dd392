import type { TensorData } from "../tensor/TensorData.ts"

/**
 * A float32 tensor as the bytes of a NumPy file, format 1.0, which `numpy.load` reads: magic, version, a header padded so
 * that the numbers begin at a multiple of 64 bytes, then the numbers in row-major order, little-endian.
 */
export const encodeNpy = ({ shape, values }: TensorData): Uint8Array => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`
  const prefix = 10
  const padding = " ".repeat(63 - ((prefix + header.length) % 64))
  const text = new TextEncoder().encode(`${header}${padding}\n`)
  const bytes = new Uint8Array(prefix + text.length + 4 * values.length)
  const view = new DataView(bytes.buffer)
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0])
  view.setUint16(8, text.length, true)
  bytes.set(text, prefix)
  values.forEach((value, i) => {
    view.setFloat32(prefix + text.length + 4 * i, value, true)
  })
  return bytes
}

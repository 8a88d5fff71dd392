import { byId } from "./elements.ts"

/** Bytes that are in the page, compressed by gzip and in base 64, in the element of this name. */
export const unpacked = async (id: string): Promise<Uint8Array<ArrayBuffer>> => {
  const text = atob((byId(id).textContent ?? "").trim())
  const packed = new Uint8Array(text.length)
  // Millions of them: a function for each would take as long as the rest.
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i)
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

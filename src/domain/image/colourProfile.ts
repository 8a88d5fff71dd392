/**
 * Turns samples of 16 bits in place from a profile's colours into sRGB. They lie in rows, `channels` in turn for each pixel; a
 * channel more than the profile's colours is transparency, and is kept.
 */
export type ProfileConversion = (samples: Uint16Array, channels: number) => void

/** `same`: nothing is to be done. `tables`: it has no curves, only tables of colours, which are not applied. */
export type ProfileMeaning = "same" | "tables" | ProfileConversion

/** From [0, 1] to [0, 1]. */
type Curve = (x: number) => number

type Triple = readonly [number, number, number]

/** Red, green and blue of sRGB in XYZ under D50, the white of profiles, as its own profile has them (IEC 61966-2-1). */
const srgbColumns: readonly [Triple, Triple, Triple] = [
  [0.4360657, 0.2224884, 0.013916],
  [0.3851471, 0.7168732, 0.0970764],
  [0.1430664, 0.0606079, 0.7140961]
]

/** The inverse of the matrix of these columns, by rows: from XYZ to sRGB's linear light. */
const linearSrgb: readonly [Triple, Triple, Triple] = [
  [3.1341118, -1.6173923, -0.4906333],
  [-0.9787871, 1.9162794, 0.0334547],
  [0.0719831, -0.2289858, 1.4053851]
]

/** How far the colours of a profile that is called sRGB may be from these; those of other spaces are ten times as far. */
const columnTolerance = 0.003

const mostTags = 100

/** The levels of 8 bits. */
const levels = Array.from({ length: 256 }, (_, i) => i / 255)

/**
 * What the ICC profile of an image of one colour (grey) or three means for its samples (ICC.1:2022, curves and matrix). A profile
 * that is damaged or meant for another kind of image means nothing, as in browsers; one that is sRGB within half a level of
 * 8 bits changes nothing at all.
 */
export const profileMeaning = (profile: Uint8Array, colours: 1 | 3): ProfileMeaning => {
  const tags = tagsOf(profile)
  if (tags === undefined || textAt(profile, 16) !== (colours === 1 ? "GRAY" : "RGB ")) return "same"
  const meaning = colours === 1 ? greyMeaning(tags, textAt(profile, 20)) : colourMeaning(tags)
  return meaning ?? (tags.has("A2B0") ? "tables" : "same")
}

type Tags = ReadonlyMap<string, DataView>

const tagsOf = (profile: Uint8Array): Tags | undefined => {
  if (profile.length < 132 || textAt(profile, 36) !== "acsp") return undefined
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength)
  const count = view.getUint32(128)
  if (count > mostTags || 132 + 12 * count > profile.length) return undefined
  const tags = new Map<string, DataView>()
  for (let at = 132; at < 132 + 12 * count; at += 12) {
    const [start, length] = [view.getUint32(at + 4), view.getUint32(at + 8)]
    if (start + length > profile.length) return undefined
    tags.set(textAt(profile, at), new DataView(profile.buffer, profile.byteOffset + start, length))
  }
  return tags
}

const textAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4))

const typeOf = (tag: DataView): string => textAt(new Uint8Array(tag.buffer, tag.byteOffset, tag.byteLength), 0)

const fixed = (tag: DataView, at: number): number => tag.getInt32(at) / 65_536

const greyMeaning = (tags: Tags, space: string): ProfileMeaning | undefined => {
  const curve = curveOf(tags.get("kTRC"))
  if (curve === undefined) return undefined
  // Where the profile names colours by lightness, its curve gives that.
  const light: Curve = space === "Lab " ? (x) => lightOf(curve(x)) : curve
  if (isSrgbCurve(light)) return "same"
  const table = Uint16Array.from(tableOf(light), codeOf)
  return (samples, channels) => {
    for (let i = 0; i < samples.length; i += channels) samples[i] = table[samples[i] ?? 0] ?? 0
  }
}

const colourMeaning = (tags: Tags): ProfileMeaning | undefined => {
  const [red, green, blue] = [curveOf(tags.get("rTRC")), curveOf(tags.get("gTRC")), curveOf(tags.get("bTRC"))]
  const [x, y, z] = [xyzOf(tags.get("rXYZ")), xyzOf(tags.get("gXYZ")), xyzOf(tags.get("bXYZ"))]
  if (!red || !green || !blue || !x || !y || !z) return undefined
  const [toRed, toGreen, toBlue] = [linearSrgb[0], linearSrgb[1], linearSrgb[2]].map(
    (row) => (r: number, g: number, b: number) => dot(row, x) * r + dot(row, y) * g + dot(row, z) * b
  )
  if (!toRed || !toGreen || !toBlue) return undefined
  const near = [x, y, z].every((column, i) =>
    column.every((value, k) => Math.abs(value - (srgbColumns[i]?.[k] ?? 0)) < columnTolerance)
  )
  if (near && [red, green, blue].every(isSrgbCurve)) return "same"
  const [reds, greens, blues] = [tableOf(red), tableOf(green), tableOf(blue)]
  return (samples, channels) => {
    for (let i = 0; i < samples.length; i += channels) {
      const r = reds[samples[i] ?? 0] ?? 0
      const g = greens[samples[i + 1] ?? 0] ?? 0
      const b = blues[samples[i + 2] ?? 0] ?? 0
      samples[i] = codeOf(toRed(r, g, b))
      samples[i + 1] = codeOf(toGreen(r, g, b))
      samples[i + 2] = codeOf(toBlue(r, g, b))
    }
  }
}

const isSrgbCurve = (curve: Curve): boolean => levels.every((x) => unchanged(x, encoded(curve(x))))

const dot = (a: Triple, b: Triple): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

const unchanged = (before: number, after: number): boolean => Math.abs(after - before) < 0.5 / 255

/** sRGB's level of linear light. What sRGB cannot show is cut off. */
const encoded = (light: number): number =>
  light <= 0 ? 0 : light >= 1 ? 1 : light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055

const codeSteps = 2 ** 18

/** The levels of linear light in 16 bits, to within two of them: a power for every sample would take seconds a photograph. */
const codes = Uint16Array.from({ length: codeSteps + 1 }, (_, i) => Math.round(65_535 * encoded(i / codeSteps)))

const codeOf = (light: number): number =>
  codes[light <= 0 ? 0 : light >= 1 ? codeSteps : Math.round(light * codeSteps)] ?? 0

/** Light of a lightness (CIE L*, here from 0 to 1). */
const lightOf = (lightness: number): number =>
  lightness > 0.08 ? ((100 * lightness + 16) / 116) ** 3 : (100 * lightness) / 903.3

/** A curve at every level of 16 bits. */
const tableOf = (curve: Curve): Float64Array => Float64Array.from({ length: 65_536 }, (_, i) => curve(i / 65_535))

const xyzOf = (tag: DataView | undefined): Triple | undefined =>
  tag === undefined || tag.byteLength < 20 || typeOf(tag) !== "XYZ "
    ? undefined
    : [fixed(tag, 8), fixed(tag, 12), fixed(tag, 16)]

const curveOf = (tag: DataView | undefined): Curve | undefined => {
  if (tag === undefined || tag.byteLength < 12) return undefined
  const curve = typeOf(tag) === "curv" ? sampledCurve(tag) : typeOf(tag) === "para" ? formulaCurve(tag) : undefined
  if (curve === undefined) return undefined
  return (x) => {
    const y = curve(x)
    return y > 0 ? Math.min(1, y) : 0
  }
}

const sampledCurve = (tag: DataView): Curve | undefined => {
  const count = tag.getUint32(8)
  if (tag.byteLength < 12 + 2 * count) return undefined
  if (count === 0) return (x) => x
  if (count === 1) {
    const gamma = tag.getUint16(12) / 256
    return (x) => x ** gamma
  }
  const values = Array.from({ length: count }, (_, i) => tag.getUint16(12 + 2 * i) / 65_535)
  return (x) => {
    const at = x * (count - 1)
    const below = Math.min(count - 2, Math.floor(at))
    const [low = 0, high = 0] = [values[below], values[below + 1]]
    return low + (at - below) * (high - low)
  }
}

/** Parameters of the five formulas of a parametric curve. */
const parameterCounts = [1, 3, 4, 5, 7]

const formulaCurve = (tag: DataView): Curve | undefined => {
  const kind = tag.getUint16(8)
  const count = parameterCounts[kind]
  if (count === undefined || tag.byteLength < 12 + 4 * count) return undefined
  const p = (i: number): number => (i < count ? fixed(tag, 12 + 4 * i) : 0)
  const [gamma, a, b] = [p(0), kind === 0 ? 1 : p(1), p(2)]
  // y = (a x + b)^gamma + e from d on, and c x + f before.
  const [c, d, e, f] =
    kind === 0
      ? [0, 0, 0, 0]
      : kind === 1
        ? [0, -b / a, 0, 0]
        : kind === 2
          ? [0, -b / a, p(3), p(3)]
          : [p(3), p(4), p(5), p(6)]
  return (x) => (x >= d ? (a * x + b) ** gamma + e : c * x + f)
}

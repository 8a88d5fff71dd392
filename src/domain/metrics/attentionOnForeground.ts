import * as Result from "effect/Result"
import type { WindowGeometry } from "../image/windowOutline.ts"
import type { TensorData } from "../tensor/TensorData.ts"
import { boxAround, type ComponentBox, connectedComponents } from "./connectedComponents.ts"
import { imageAxes, invalidSamples } from "./invalidSamples.ts"
import { meanAndError } from "./MeanAndError.ts"
import type { MeasureError } from "./MeasureError.ts"

/** A mean over images, and what it would be if windows knew nothing of the image they are on. */
export interface AgainstChance {
  readonly value: number
  readonly standardError: number
  /** The same mean with the windows of every other image in place of an image's own. */
  readonly chance: number
}

/** Whether the windows that an image was drawn through go to what is drawn. */
export interface AttentionOnForeground {
  /** Share of windows whose centre lies in the box around all parts of the image. */
  readonly centreInDrawing: AgainstChance
  /** Share of windows whose centre lies in the box of a part. */
  readonly centreInPart: AgainstChance
  /** Share of an image's parts whose box holds the centre of at least one window; over images that have parts. */
  readonly partsVisited: AgainstChance
  /** Share of an image's parts whose box a window's square meets, mean over windows; over images that have parts. */
  readonly partsInView: AgainstChance
  /** Mean brightness under the square of a window. */
  readonly brightness: AgainstChance
  /** Parts of an image, mean. */
  readonly parts: number
}

/**
 * Whether windows go to the ink of their images (`connectedComponents`), of bright drawings on black such as digits. `images` is
 * `[n, channels, B, A]` in [0, 1], channels taken together by their mean; `windows[t][i]` is the window of step t on image i;
 * `filters` is N: a window's square reaches from its first filter to its last, (N - 1) strides, and at least one pixel.
 *
 * Chance is exact, not sampled: every image is taken with the windows of every other one, which have the same places and
 * sizes on the whole, but another image's. A generator whose windows are the same for all images is at chance.
 *
 * All shares are in [0, 1]. Windows with numbers that are not finite are on nothing. Fails with a `MeasureError` for fewer than
 * two images, or pixels that are not finite. Throws a `RangeError` unless there is at least one step, with a window for each
 * image. Time quadratic in n.
 */
export const attentionOnForeground = (
  images: TensorData,
  windows: ReadonlyArray<ReadonlyArray<WindowGeometry>>,
  filters: number
): Result.Result<AttentionOnForeground, MeasureError> => {
  const fault = invalidSamples({ measure: "windows on ink", axes: imageAxes, atLeast: 2 }, { images })
  if (fault !== undefined) return Result.fail(fault)
  const [n = 0] = images.shape
  if (windows.length === 0 || windows.some((ofStep) => ofStep.length !== n)) {
    throw new RangeError(`${n} images need as many windows at each of one step or more`)
  }
  const drawings = drawingsOf(images)
  const views = Array.from({ length: n }, (_, i) => windows.flatMap((ofStep) => viewOf(ofStep[i], filters)))

  const own: Array<Seen> = []
  const others = { drawing: 0, part: 0, visited: 0, inView: 0, light: 0 }
  drawings.forEach((drawing, i) => {
    views.forEach((view, j) => {
      const seen = seenOf(drawing, view)
      if (i === j) {
        own.push(seen)
        return
      }
      others.drawing += seen.drawing
      others.part += seen.part
      others.inView += seen.inView
      others.light += seen.light
      others.visited += seen.visited
    })
  })
  const drawn = own.filter((_, i) => (drawings[i]?.parts.length ?? 0) > 0)
  return Result.succeed({
    centreInDrawing: against(
      own.map(({ drawing }) => drawing),
      others.drawing,
      n
    ),
    centreInPart: against(
      own.map(({ part }) => part),
      others.part,
      n
    ),
    partsVisited: against(
      drawn.map(({ visited }) => visited),
      others.visited,
      n
    ),
    partsInView: against(
      drawn.map(({ inView }) => inView),
      others.inView,
      n
    ),
    brightness: against(
      own.map(({ light }) => light),
      others.light,
      n
    ),
    parts: drawings.reduce((total, { parts }) => total + parts.length, 0) / n
  })
}

/** `total` is that of the same number over each of these images with the windows of the `n - 1` others. */
const against = (values: ReadonlyArray<number>, total: number, n: number): AgainstChance => {
  if (values.length === 0) return { value: 0, standardError: 0, chance: 0 }
  const { mean, standardError } = meanAndError(values)
  return { value: mean, standardError, chance: total / (values.length * (n - 1)) }
}

/** An image as windows are put on it. */
interface Drawing {
  readonly height: number
  readonly width: number
  readonly parts: ReadonlyArray<ComponentBox>
  readonly around: ComponentBox | undefined
  /** `[B + 1, A + 1]`: the brightness of all pixels above and left of a corner. */
  readonly sums: Float64Array
}

const drawingsOf = ({ shape, values }: TensorData): ReadonlyArray<Drawing> => {
  const [n = 0, channels = 0, height = 0, width = 0] = shape
  const area = height * width
  return Array.from({ length: n }, (_, i) => {
    const brightness = new Float64Array(area)
    for (let c = 0; c < channels; c++) {
      const plane = (i * channels + c) * area
      for (let p = 0; p < area; p++) brightness[p] = (brightness[p] ?? 0) + (values[plane + p] ?? 0) / channels
    }
    const sums = new Float64Array((height + 1) * (width + 1))
    for (let row = 0; row < height; row++) {
      let line = 0
      for (let column = 0; column < width; column++) {
        line += brightness[row * width + column] ?? 0
        sums[(row + 1) * (width + 1) + column + 1] = (sums[row * (width + 1) + column + 1] ?? 0) + line
      }
    }
    const parts = connectedComponents(brightness, height, width)
    return { height, width, parts, around: boxAround(parts), sums }
  })
}

/** A window in pixels: pixel i covers [i, i + 1). */
interface View {
  readonly x: number
  readonly y: number
  /** Half of its square's side. */
  readonly half: number
}

/** The window's square; on nothing if a number is not finite. */
const viewOf = (window: WindowGeometry | undefined, filters: number): ReadonlyArray<View> => {
  const { centreX = Number.NaN, centreY = Number.NaN, stride = Number.NaN } = window ?? {}
  const half = Math.max(0.5, (Math.abs(stride) * (filters - 1)) / 2)
  // Pixel 1 of the paper's coordinates has its centre at 1 and its left edge at 0.5.
  const view = { x: centreX - 0.5, y: centreY - 0.5, half }
  return [Object.values(view).every(Number.isFinite) ? view : { x: -1, y: -1, half: 0.5 }]
}

/** What windows see of a drawing: means over the windows, and the share of its parts that they visit. */
interface Seen {
  readonly drawing: number
  readonly part: number
  readonly inView: number
  readonly light: number
  readonly visited: number
}

const seenOf = (drawing: Drawing, views: ReadonlyArray<View>): Seen => {
  const { parts, around } = drawing
  let [inDrawing, inPart, inView, light] = [0, 0, 0, 0]
  const visited = new Set<ComponentBox>()
  for (const view of views) {
    if (around !== undefined && holds(around, view)) inDrawing++
    let isInPart = false
    for (const part of parts) {
      if (holds(part, view)) {
        isInPart = true
        visited.add(part)
      }
      if (meets(part, view)) inView += 1 / parts.length
    }
    if (isInPart) inPart++
    light += lightUnder(drawing, view)
  }
  const steps = views.length
  return {
    drawing: inDrawing / steps,
    part: inPart / steps,
    inView: inView / steps,
    light: light / steps,
    visited: parts.length === 0 ? 0 : visited.size / parts.length
  }
}

const holds = ({ top, bottom, left, right }: ComponentBox, { x, y }: View): boolean =>
  x >= left && x < right + 1 && y >= top && y < bottom + 1

const meets = ({ top, bottom, left, right }: ComponentBox, { x, y, half }: View): boolean =>
  x + half > left && x - half < right + 1 && y + half > top && y - half < bottom + 1

/** Mean brightness of the pixels under a square, those that it covers by less than half left out; outside it is dark. */
const lightUnder = ({ height, width, sums }: Drawing, { x, y, half }: View): number => {
  const clamp = (edge: number, most: number) => Math.min(most, Math.max(0, Math.round(edge)))
  const [left, right] = [clamp(x - half, width), clamp(x + half, width)]
  const [top, bottom] = [clamp(y - half, height), clamp(y + half, height)]
  const at = (row: number, column: number) => sums[row * (width + 1) + column] ?? 0
  const total = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left)
  return total / Math.max(1, Math.round(2 * half) ** 2)
}

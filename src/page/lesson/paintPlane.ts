import type { TensorData } from "../../domain/tensor/TensorData.ts"
import { extent, fieldSize } from "./drawing.ts"
import type { Frame } from "./messages.ts"

/** Where D is sure that a point is real, and where that it is drawn: two colours that any colour vision tells apart. */
const real = [0x6b, 0xae, 0xd6] as const
const drawn = [0xf4, 0xa5, 0x82] as const
const middle = [0xf7, 0xf7, 0xf7] as const

/** D's field as colour, the data in grey on it, and what the generator draws in black. */
export const paintPlane = (canvas: HTMLCanvasElement, plane: NonNullable<Frame["plane"]>): void => {
  const context = canvas.getContext("2d", { willReadFrequently: true })
  if (context === null) return
  const cell = canvas.width / fieldSize
  plane.field.values.forEach((probability, i) => {
    const [end, share] = probability > 0.5 ? [real, 2 * probability - 1] : [drawn, 1 - 2 * probability]
    const colour = middle.map((value, c) => Math.round(value + ((end[c] ?? 0) - value) * share))
    context.fillStyle = `rgb(${colour.join(" ")})`
    const [x, y] = [i % fieldSize, Math.floor(i / fieldSize)]
    context.fillRect(Math.floor(x * cell), Math.floor(y * cell), Math.ceil(cell), Math.ceil(cell))
  })
  paintPoints(context, plane.data, "rgb(90 90 90 / 0.45)", 2)
  paintPoints(context, plane.drawn, "rgb(0 0 0 / 0.9)", 3)
}

const paintPoints = (
  context: CanvasRenderingContext2D,
  { values }: TensorData,
  colour: string,
  radius: number
): void => {
  const { width } = context.canvas
  context.fillStyle = colour
  for (let i = 0; i + 1 < values.length; i += 2) {
    const x = (((values[i] ?? 0) + extent) / (2 * extent)) * width
    const y = ((extent - (values[i + 1] ?? 0)) / (2 * extent)) * width
    context.beginPath()
    context.arc(x, y, radius, 0, 2 * Math.PI)
    context.fill()
  }
}

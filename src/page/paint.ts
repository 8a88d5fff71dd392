import type { Raster } from "../domain/image/Raster.ts"

/** Puts a raster onto a canvas, which becomes as large. */
export const paint = (canvas: HTMLCanvasElement, { width, height, channels, pixels }: Raster): void => {
  const context = canvas.getContext("2d", { willReadFrequently: true })
  if (context === null) return
  canvas.width = width
  canvas.height = height
  const image = context.createImageData(width, height)
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * i + channel] = pixels[i * channels + (channels === 1 ? 0 : channel)] ?? 0
    }
    image.data[4 * i + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

import { reshape } from "./movement.ts"
import { ShapeError } from "./Rule.ts"
import { mean } from "./reduction.ts"
import { formatShape } from "./Shape.ts"
import type { RowsAndColumns, Tensor } from "./Tensor.ts"

/**
 * The means over windows that lie side by side: `[batch, channels, rows, columns]` to `[batch, channels, rows / h,
 * columns / w]` for windows of `[h, w]` (one number: square ones). Made of `reshape` and `mean`.
 * Throws a `ShapeError` if the windows do not fill the image exactly: cut or pad it first.
 */
export const averagePool = (x: Tensor, window: number | RowsAndColumns): Tensor => {
  const [height, width] = typeof window === "number" ? [window, window] : window
  const [batch = 1, channels = 1, rows = 1, columns = 1] = x.shape
  const [down, across] = [rows / height, columns / width]
  const counts = [height, width, down, across]
  if (x.shape.length !== 4 || !counts.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw new ShapeError(
      "averagePool",
      [x.shape],
      `windows of ${formatShape([height, width])} must fill the rows and columns of [batch, channels, rows, columns]`
    )
  }
  return mean(reshape(x, [batch, channels, down, height, across, width]), [3, 5])
}

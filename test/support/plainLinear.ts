/** `x W + b` of one row in plain loops: weight and bias under `path`. */
export const plainLinear = (
  numbers: Readonly<Record<string, ArrayLike<number>>>,
  path: string,
  row: ReadonlyArray<number>
): ReadonlyArray<number> => {
  const bias = Array.from(numbers[`${path}.bias`] ?? [])
  return bias.map((start, j) =>
    row.reduce((total, value, i) => total + value * (numbers[`${path}.weight`]?.[i * bias.length + j] ?? 0), start)
  )
}

/**
 * Rows of cells as lines whose columns are below one another, two spaces between: cells of the columns from `first` to `last`,
 * which are of numbers, end in line, all others begin so. A row of one cell is a title, which may be wider than its column.
 */
export const alignedTable = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  numbers: { readonly first: number; readonly last: number }
): ReadonlyArray<string> => {
  const widthOf = (column: number) =>
    Math.max(...rows.filter(({ length }) => length > 1).map((row) => row[column]?.length ?? 0))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column >= numbers.first && column <= numbers.last
          ? cell.padStart(widthOf(column))
          : cell.padEnd(widthOf(column))
      )
      .join("  ")
      .trimEnd()
  )
}

/** Said in place of a number that is not there. */
export const noNumber = "–"

const significant = 3

/** An error below this share of its value is what rounding left of 0. */
const roundingError = 1e-12

/** Beyond these a number is written with a power of ten. */
const largest = 1e6
const smallest = 1e-4

/**
 * A number for a reader: three significant digits, a true minus sign, thousands set apart, powers of ten where it is
 * very large or small. Whole numbers below a million keep all their digits. `not a number`, `∞` and `−∞` are said so.
 */
export const formatNumber = (value: number): string => {
  const magnitude = Math.abs(value)
  if (!Number.isFinite(value) || value === 0 || Number.isInteger(value)) {
    if (magnitude < largest || !Number.isFinite(value)) return withDecimals(value, 0)
  }
  if (magnitude >= largest || magnitude < smallest) return withPower(value)
  const decimals = significant - 1 - exponentOf(value, significant)
  return withDecimals(decimals < 0 ? rounded(value, decimals) : value, Math.max(0, decimals))
}

/** Two significant digits of the error, and as many decimals of the value, but no more than six: `12.34 ± 0.56`. */
export const formatWithError = (value: number, error: number): string => {
  if (!Number.isFinite(value) || !Number.isFinite(error) || error <= roundingError * Math.abs(value)) {
    return Number.isFinite(error) ? formatNumber(value) : `${formatNumber(value)} ± ${formatNumber(error)}`
  }
  const decimals = 1 - exponentOf(error, 2)
  if (decimals > 6 || Math.abs(value) >= largest || error >= largest) {
    return `${formatNumber(value)} ± ${formatNumber(error)}`
  }
  const places = Math.max(0, decimals)
  return `${withDecimals(rounded(value, decimals), places)} ± ${withDecimals(rounded(error, decimals), places)}`
}

/** The middle one of some numbers by size, of an even number the mean of the middle two; not a number for none. */
export const medianOf = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((left, right) => left - right)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  return (at((sorted.length - 1) >> 1) + at(sorted.length >> 1)) / 2
}

/**
 * Several numbers as their median and, in brackets, the least and the greatest: `64 (60 to 144)`, with two significant digits of the
 * distance between these. One number, or equal ones, as `formatNumber` has it.
 */
export const formatMedian = (values: ReadonlyArray<number>): string => {
  const [least, median, greatest] = [Math.min(...values), medianOf(values), Math.max(...values)]
  const range = greatest - least
  const isOne = range === 0 || (Number.isFinite(range) && range <= roundingError * Math.abs(median))
  if (values.length < 2 || isOne) return formatNumber(median)
  const decimals = 1 - exponentOf(range, 2)
  const isPlain = values.every((value) => Number.isFinite(value) && Math.abs(value) < largest) && decimals <= 6
  const text = (value: number): string =>
    isPlain ? withDecimals(rounded(value, decimals), Math.max(0, decimals)) : formatNumber(value)
  return `${text(median)} (${text(least)} to ${text(greatest)})`
}

/** A share in [0, 1] as a percentage with one decimal: `98.7%`. */
export const formatShare = (share: number): string => `${withDecimals(100 * share, 1)}%`

/** A count, all digits, thousands set apart. */
export const formatCount = (count: number): string => withDecimals(count, 0)

/** Decimal exponent of a number rounded to this many digits: 9.996 to three digits is 10.0, exponent 1. */
const exponentOf = (value: number, digits: number): number =>
  Number(
    Math.abs(value)
      .toExponential(digits - 1)
      .split("e")[1] ?? 0
  )

const rounded = (value: number, decimals: number): number => {
  const unit = 10 ** -decimals
  return decimals < 0 ? Math.round(value / unit) * unit : value
}

const withDecimals = (value: number, decimals: number): string => {
  if (Number.isNaN(value)) return "not a number"
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞"
  const text = Math.abs(value).toFixed(decimals)
  const [whole = "", fraction] = text.split(".")
  const grouped = whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ",")
  // Nothing is left of a small negative number that rounds to zero, not even its sign.
  const sign = value < 0 && /[1-9]/.test(text) ? "−" : ""
  return `${sign}${grouped}${fraction === undefined ? "" : `.${fraction}`}`
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"

const withPower = (value: number): string => {
  const [mantissa = "", exponent = "0"] = Math.abs(value)
    .toExponential(significant - 1)
    .split("e")
  const digits = [...String(Math.abs(Number(exponent)))].map((digit) => superscripts[Number(digit)] ?? "").join("")
  return `${value < 0 ? "−" : ""}${mantissa} × 10${Number(exponent) < 0 ? "⁻" : ""}${digits}`
}

/** An estimate of time for people: `40 s`, `6 minutes`, `2.5 hours`. */
export const duration = (seconds: number): string => {
  const minutes = seconds / 60
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return minutes < 90 ? `${Math.round(minutes)} minutes` : `${(minutes / 60).toFixed(1)} hours`
}

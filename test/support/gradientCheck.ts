import { assert } from "@effect/vitest"
import { gradient } from "../../src/domain/tensor/gradient.ts"
import { sameShape } from "../../src/domain/tensor/Shape.ts"
import type { Tensor } from "../../src/domain/tensor/Tensor.ts"
import { evaluateNamed, evaluateOne, type NamedNumbers } from "./evaluateNamed.ts"
import { normals } from "./randomNumbers.ts"

// The distance between points: small against the curvature of what is tested, large against rounding.
const usualSpacing = 3e-4
const relativeTolerance = 1e-6

/** Tensors with more entries are checked along random directions instead of entry by entry. */
const largestChecked = 16
const directionsOfLarge = 3

/**
 * Derivative of `f` at 0 by five-point central differences: the error is of order `spacing^4`, far below the tolerance
 * in float64.
 */
export const derivativeAtZero = (f: (offset: number) => number, spacing = usualSpacing): number =>
  (8 * (f(spacing) - f(-spacing)) - (f(2 * spacing) - f(-2 * spacing))) / (12 * spacing)

/** The derivative of `loss` along `direction` of one placeholder, by finite differences in float64. */
export const directionalDerivative = (
  loss: Tensor,
  numbers: NamedNumbers,
  name: string,
  direction: ArrayLike<number>,
  spacing?: number
): number => derivativeAtZero(alongDirection(loss, numbers, name, direction), spacing)

/** The loss as a function of how far one placeholder is moved along `direction`. */
const alongDirection =
  (loss: Tensor, numbers: NamedNumbers, name: string, direction: ArrayLike<number>) =>
  (offset: number): number => {
    const moved = Float64Array.from(numbers[name] ?? [], (value, i) => value + offset * (direction[i] ?? 0))
    return evaluateOne(loss, { ...numbers, [name]: moved })[0] ?? Number.NaN
  }

/** The slopes between the five points that the derivative along `direction` is measured from. */
const slopesNear = (f: (offset: number) => number, spacing: number): ReadonlyArray<number> =>
  [-2, -1, 0, 1].map((step) => (f((step + 1) * spacing) - f(step * spacing)) / spacing)

/** The whole gradient of `loss` with respect to one placeholder, entry by entry. */
export const numericGradient = (loss: Tensor, numbers: NamedNumbers, name: string): Float64Array =>
  Float64Array.from(numbers[name] ?? [], (_, i) => directionalDerivative(loss, numbers, name, unit(i)))

/**
 * Whether the finite differences of `loss` along every entry of one placeholder can be trusted: where a kink (relu, the
 * maximum of a pooling window) lies between the points, differences over half the spacing give another slope.
 */
export const isSmoothNear = (loss: Tensor, numbers: NamedNumbers, name: string): boolean =>
  (numbers[name] === undefined ? [] : Array.from(numbers[name])).every((_, i) => {
    const f = alongDirection(loss, numbers, name, unit(i))
    const [wide, narrow] = [derivativeAtZero(f), derivativeAtZero(f, usualSpacing / 2)]
    return Math.abs(wide - narrow) <= 1e-8 * (1 + Math.abs(wide))
  })

/**
 * Asserts that `gradient` gives the derivatives of a scalar with respect to placeholders (by name), each in its own
 * shape: every entry of a small tensor, random directions of a large one. The scale of errors is each tensor's own
 * gradient, so that a tensor with small derivatives is checked as sharply as the others. `what` names the case; a small
 * `spacing` keeps clear of kinks (relu, maximum) that may lie near, and with `kinks`
 * directions that cross one are passed over.
 */
export const assertGradient = (
  loss: Tensor,
  placeholders: Readonly<Record<string, Tensor>>,
  numbers: NamedNumbers,
  {
    seed = 0,
    what = "",
    spacing = usualSpacing,
    kinks = false
  }: { readonly seed?: number; readonly what?: string; readonly spacing?: number; readonly kinks?: boolean } = {}
): void => {
  const gradients = gradient(loss, placeholders)
  const names = Object.keys(placeholders)
  const [value = new Float64Array(0), ...computed] = evaluateNamed(
    [loss, ...names.flatMap((name) => gradients[name] ?? [])],
    numbers
  )
  const rounding = (3e-14 / spacing) * Math.max(1, Math.abs(value[0] ?? 0))
  names.forEach((name, n) => {
    const shape = placeholders[name]?.shape ?? []
    assert.isTrue(sameShape(gradients[name]?.shape ?? [-1], shape), `${what} the gradient of ${name} has another shape`)
    const entries = computed[n] ?? new Float64Array(0)
    const largest = entries.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0)
    const directions =
      entries.length <= largestChecked
        ? Array.from(entries, (_, i) => unit(i))
        : Array.from({ length: directionsOfLarge }, (_, k) => normals(seed, `direction ${k} of ${name}`, shape))
    directions.forEach((direction, k) => {
      const expected = directionalDerivative(loss, numbers, name, direction, spacing)
      const actual = entries.reduce((total, entry, i) => total + entry * (direction[i] ?? 0), 0)
      const length = Math.hypot(...Float64Array.from({ length: entries.length }, (_, i) => direction[i] ?? 0))
      const tolerance = (relativeTolerance * largest + rounding) * length
      if (!(Math.abs(actual - expected) <= tolerance)) {
        // On a kink or across a jump the slopes between neighbouring points differ: there is no derivative. With a kink between
        // the points, points half as far apart give another slope.
        const along = alongDirection(loss, numbers, name, direction)
        const slopes = slopesNear(along, spacing)
        const [least, greatest] = [Math.min(...slopes), Math.max(...slopes)]
        const narrow = derivativeAtZero(along, spacing / 2)
        if (kinks && (greatest - least > 1e-3 * (1 + Math.abs(greatest)) || Math.abs(narrow - expected) > tolerance))
          return
        assert.fail(`${what} gradient of ${name} along direction ${k}: ${actual}, by finite differences ${expected}`)
      }
    })
  })
}

/** The placeholders as a record by their names: what `assertGradient` takes. */
export const byName = (placeholders: ReadonlyArray<Tensor>): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(
    placeholders.flatMap((tensor) => (tensor.op === "placeholder" ? [[tensor.parameters.name, tensor]] : []))
  )

const unit = (i: number): ArrayLike<number> => ({ length: i + 1, [i]: 1 })

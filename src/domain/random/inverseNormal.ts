/** A quotient of two polynomials by their coefficients, those of the highest powers first. */
interface Quotient {
  readonly numerator: ReadonlyArray<number>
  readonly denominator: ReadonlyArray<number>
}

/**
 * Algorithm AS 241 in numbers, for those who write `inverseNormal` in another language: for the `q = p - 1/2` that are at
 * most `bound` from 0 it is `q` times `quotient` at `pivot - q^2` (PPND7). Beyond, for `s = sqrt(-ln tail)` up to 5, tail
 * being the smaller of p and 1 - p, its magnitude is the other `quotient` at `s - pivot` (PPND16).
 */
export const central = {
  bound: 0.425,
  pivot: 0.180625,
  quotient: {
    numerator: [59.10937472, 159.29113202, 50.434271938, 3.3871327179],
    denominator: [67.1875636, 78.757757664, 17.895169469, 1]
  }
} as const satisfies { readonly bound: number; readonly pivot: number; readonly quotient: Quotient }

/** See `central`. */
export const nearTail = {
  pivot: 1.6,
  quotient: {
    numerator: [
      7.745450142783414e-4, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
      5.769497221460691, 4.630337846156546, 1.4234371107496835
    ],
    denominator: [
      1.0507500716444169e-9, 5.475938084995345e-4, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
      1.6763848301838038, 2.053191626637759, 1
    ]
  }
} as const satisfies { readonly pivot: number; readonly quotient: Quotient }

// By name: a loop over arrays takes V8 several times as long.
const [a3, a2, a1, a0] = central.quotient.numerator
const [b3, b2, b1, b0] = central.quotient.denominator
const [c7, c6, c5, c4, c3, c2, c1, c0] = nearTail.quotient.numerator
const [d7, d6, d5, d4, d3, d2, d1, d0] = nearTail.quotient.denominator

/** The part of `tailQuantile` for probabilities below e^-25, about 1.4e-11; `s` is sqrt(-ln probability). */
const farTailQuantile = (s: number): number => {
  const r = s - 5
  const numerator =
    ((((((2.0103343992922881e-7 * r + 2.7115555687434876e-5) * r + 0.0012426609473880784) * r + 0.026532189526576124) *
      r +
      0.29656057182850487) *
      r +
      1.7848265399172913) *
      r +
      5.463784911164114) *
      r +
    6.657904643501103
  const denominator =
    ((((((2.0442631033899397e-15 * r + 1.421511758316446e-7) * r + 1.8463183175100548e-5) * r + 7.868691311456133e-4) *
      r +
      0.014875361290850615) *
      r +
      0.1369298809227358) *
      r +
      0.599832206555888) *
      r +
    1
  return numerator / denominator
}

/**
 * How far from 0 a standard normal variable lies whose probability of lying farther out on its side is `tail`, at
 * most 0.075. PPND16 of AS 241: PPND7's error in the tails, 1.2e-7, would show in a float32.
 */
const tailQuantile = (tail: number): number => {
  const s = Math.sqrt(-Math.log(tail))
  // Apart, so that V8 finds this function small enough to inline: a call that returns a float64 allocates it.
  if (s > 5) return farTailQuantile(s)
  const r = s - nearTail.pivot
  const numerator = ((((((c7 * r + c6) * r + c5) * r + c4) * r + c3) * r + c2) * r + c1) * r + c0
  const denominator = ((((((d7 * r + d6) * r + d5) * r + d4) * r + d3) * r + d2) * r + d1) * r + d0
  return numerator / denominator
}

/**
 * The quantile function of the standard normal distribution: the `x` with `P(X <= x) = p` for `0 < p < 1`, with a
 * relative error below 5e-8 (less than float32 rounding makes); infinite for 0 and 1, NaN outside.
 *
 * The 85 percent of all probabilities between 0.075 and 0.925 cost two cubics and a division (PPND7 of the algorithm,
 * evaluated in float64; PPND16 would be exact to float64 at twice the cost); only the tails need a logarithm and a
 * root.
 * Algorithm AS 241 (M. J. Wichura: The percentage points of the normal distribution. Applied Statistics 37, 1988,
 * 477-484).
 */
export const inverseNormal = (p: number): number => {
  const q = p - 0.5
  if (q >= -central.bound && q <= central.bound) {
    const r = central.pivot - q * q
    return (q * (((a3 * r + a2) * r + a1) * r + a0)) / (((b3 * r + b2) * r + b1) * r + b0)
  }
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 1) return Number.POSITIVE_INFINITY
  return q < 0 ? -tailQuantile(p) : tailQuantile(1 - p)
}

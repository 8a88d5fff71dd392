import { bits, bitsAs, type Code, f64x2, i64x2 } from "./kernelCode.ts"
import type { KernelWriter } from "./kernelWriter.ts"

const { add, subtract, multiply, divide } = f64x2
const { and, or, xor, select } = bits

/**
 * The logarithm of two numbers that are not subnormal, as V8 computes `Math.log`, to the bit: the algorithm of fdlibm (Sun Microsystems,
 * 1993; `e_log.c`), its branches computed side by side. With `x = 2^k (1 + f)`, `1 + f` from sqrt(1/2) to sqrt(2), and
 * `s = f / (2 + f)`, it is `k ln 2 + log(1 + f)`, of which `log(1 + f) = 2s + s R` for a polynomial R of s^2.
 */
export const writeLogarithm = ({ keep }: KernelWriter) => {
  const number = (value: number) => keep(f64x2.constant(value))
  const long = (value: bigint) => keep(i64x2.constant(value))
  const mantissa = long(0xfffffffffffffn)
  const [one, two, half, third] = [number(1), number(2), number(0.5), number(0.3333333333333333)]
  const [topOfOne, carryBit] = [long(0x3ff00000n), long(0x100000n)]
  const toSqrt2 = long(0x95f64n)
  // As a float64 number, the bits of 2^52 with an integer below 2^52 for mantissa are their sum.
  const [sumBits, sumBias] = [long(0x4330000000000000n), number(2 ** 52 + 1023)]
  const [ln2High, ln2Low] = [number(0.6931471803691238), number(1.9082149292705877e-10)]
  const [g1, g2, g3, g4] = [
    number(0.6666666666666735),
    number(0.3999999999940942),
    number(0.2857142874366239),
    number(0.22222198432149784)
  ]
  const [g5, g6, g7] = [number(0.1818357216161805), number(0.15313837699209373), number(0.14798198605116586)]
  const [from, to, zero] = [long(0x6147an), long(0x6b851n), long(0n)]
  const [topBits, two64, three64] = [long(0xfffffn), long(2n), long(3n)]

  return (x: Code<"f64x2">): Code<"f64x2"> => {
    const xBits = bitsAs("i64x2", x)
    const top = keep(i64x2.shiftRightUnsigned(and(xBits, mantissa), 32))
    const carry = keep(and(i64x2.add(top, toSqrt2), carryBit))
    const scaled = or(and(xBits, mantissa), i64x2.shiftLeft(xor(carry, topOfOne), 32))
    const exponent = i64x2.add(i64x2.shiftRightUnsigned(xBits, 52), i64x2.shiftRightUnsigned(carry, 20))
    const k = keep(subtract(bitsAs("f64x2", or(exponent, sumBits)), sumBias))
    const f = keep(subtract(bitsAs("f64x2", scaled), one))
    const s = keep(divide(f, add(two, f)))
    const z = keep(multiply(s, s))
    const w = keep(multiply(z, z))
    const even = multiply(w, add(g2, multiply(w, add(g4, multiply(w, g6)))))
    const odd = multiply(z, add(g1, multiply(w, add(g3, multiply(w, add(g5, multiply(w, g7)))))))
    const sum = keep(add(odd, even))
    const [high, low] = [keep(multiply(k, ln2High)), keep(multiply(k, ln2Low))]
    const halfSquare = keep(multiply(multiply(half, f), f))
    const far = subtract(halfSquare, add(multiply(s, add(halfSquare, sum)), low))
    const near = subtract(multiply(s, subtract(f, sum)), low)
    const tiny = subtract(multiply(multiply(f, f), subtract(half, multiply(third, f))), low)
    const isFar = i64x2.above(or(i64x2.subtract(top, from), i64x2.subtract(to, top)), zero)
    // |f| below 2^-20
    const isTiny = i64x2.above(three64, and(i64x2.add(top, two64), topBits))
    return subtract(high, subtract(select(isTiny, tiny, select(isFar, far, near)), f))
  }
}

import { bits, float64, int64, type Writer } from "./kernelWriter.ts"
import type { Bytes } from "./wasmBytes.ts"

const { add, subtract, multiply, divide } = float64
const { and, or, xor, select } = bits

/**
 * The logarithm of two numbers that are not subnormal, as V8 computes `Math.log`, to the bit: the algorithm of fdlibm (Sun Microsystems,
 * 1993; `e_log.c`), its branches computed side by side. With `x = 2^k (1 + f)`, `1 + f` from sqrt(1/2) to sqrt(2), and
 * `s = f / (2 + f)`, it is `k ln 2 + log(1 + f)`, of which `log(1 + f) = 2s + s R` for a polynomial R of s^2.
 */
export const writeLogarithm = ({ keep, number, long }: Writer) => {
  const mantissa = long(0xfffffffffffffn)
  const [one, two, half] = [number(1), number(2), number(0.5)]
  const [topOfOne, carryBit] = [long(0x3ff00000n), long(0x100000n)]
  const toSqrt2 = long(0x95f64n)
  // As a float64 number, the bits of 2^52 with an integer below 2^52 for mantissa are their sum.
  const [sumBits, sumBias] = [long(0x4330000000000000n), number(2 ** 52 + 1023)]
  const [ln2High, ln2Low] = [number(0.6931471803691238), number(1.9082149292705877e-10)]
  const [g1, g2, g3, g4, g5, g6, g7] = [
    0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
    0.15313837699209373, 0.14798198605116586
  ].map(number) as [Bytes, Bytes, Bytes, Bytes, Bytes, Bytes, Bytes]
  const third = number(0.3333333333333333)
  const [from, to, zero] = [long(0x6147an), long(0x6b851n), long(0n)]
  const [topBits, two64, three64] = [long(0xfffffn), long(2n), long(3n)]

  return (x: Bytes): Bytes => {
    const top = keep(int64.shiftRightUnsigned(and(x, mantissa), 32))
    const carry = keep(and(int64.add(top, toSqrt2), carryBit))
    const scaled = or(and(x, mantissa), int64.shiftLeft(xor(carry, topOfOne), 32))
    const exponent = int64.add(int64.shiftRightUnsigned(x, 52), int64.shiftRightUnsigned(carry, 20))
    const k = keep(subtract(or(exponent, sumBits), sumBias))
    const f = keep(subtract(scaled, one))
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
    const isFar = int64.greater(or(int64.subtract(top, from), int64.subtract(to, top)), zero)
    // |f| below 2^-20
    const isTiny = int64.greater(three64, and(int64.add(top, two64), topBits))
    return subtract(high, subtract(select(isTiny, tiny, select(isFar, far, near)), f))
  }
}

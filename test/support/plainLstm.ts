import { plainLinear } from "./plainLinear.ts"

/** What an LSTM cell carries, of one example. */
export interface PlainLstmState {
  readonly hidden: ReadonlyArray<number>
  readonly memory: ReadonlyArray<number>
}

export const plainSigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** A step of an LSTM cell in plain loops, unit by unit, written from its equations: weight and bias under `path`. */
export const plainLstm = (
  numbers: Readonly<Record<string, ArrayLike<number>>>,
  path: string,
  x: ReadonlyArray<number>,
  { hidden, memory }: PlainLstmState
): PlainLstmState => {
  const sums = plainLinear(numbers, path, [...x, ...hidden])
  const units = hidden.length
  const sum = (gate: number, unit: number): number => sums[gate * units + unit] ?? Number.NaN
  const next = memory.map(
    (kept, j) => plainSigmoid(sum(1, j) + 1) * kept + plainSigmoid(sum(0, j)) * Math.tanh(sum(3, j))
  )
  return { memory: next, hidden: next.map((m, j) => plainSigmoid(sum(2, j)) * Math.tanh(m)) }
}

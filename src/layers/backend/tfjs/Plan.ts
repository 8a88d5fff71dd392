import { type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import type { Node } from "../../../domain/tensor/Tensor.ts"
import type { TensorData } from "../../../domain/tensor/TensorData.ts"

/** Where a plan keeps a tensor. */
export type Register = number

/** One kernel call. */
export interface Instruction {
  readonly kernel: string
  readonly inputs: Readonly<Record<string, Register>> | ReadonlyArray<Register>
  readonly attributes: Readonly<Record<string, unknown>>
  readonly output: Register
  /** The primitive that it belongs to, as it is in errors. */
  readonly primitive: string
  /** Registers that nothing needs any more after it. */
  readonly released: ReadonlyArray<Register>
}

/** A step of a program as kernel calls in order. */
export interface Plan {
  readonly registers: number
  /** Tensors that are the same in every step. */
  readonly constants: ReadonlyArray<{ readonly register: Register; readonly data: TensorData }>
  /** Tensors that each step is given. */
  readonly sources: ReadonlyArray<{
    readonly register: Register
    readonly source: Node<"placeholder"> | Node<"noise">
  }>
  readonly instructions: ReadonlyArray<Instruction>
  /** Registers of the next state, by path; state that never changes has none. */
  readonly next: Readonly<Record<string, Register>>
  /** Registers of the outputs, by name. */
  readonly outputs: Readonly<Record<string, Register>>
  /**
   * The most bytes that results have at a time during a step, sources and constants not counted, nor what kernels use
   * for themselves.
   */
  readonly peakBytes: number
}

/** What one result is, for the count of bytes. */
export interface Result {
  readonly shape: Shape
  readonly bytesPerElement: number
  /** The register whose memory it shares, if it is another view of it. */
  readonly of?: Register
}

export const bytesOf = ({ shape, bytesPerElement }: Result): number => sizeOf(shape) * bytesPerElement

export const registersOf = (inputs: Instruction["inputs"]): ReadonlyArray<Register> => Object.values(inputs)

/**
 * Adds to each instruction which registers it is the last to use; those of `kept` are never released, and those that nothing
 * uses are released at once. Also counts the most bytes that results have at a time.
 */
export const planReleases = (
  instructions: ReadonlyArray<Omit<Instruction, "released">>,
  kept: ReadonlySet<Register>,
  results: ReadonlyMap<Register, Result>
): Pick<Plan, "instructions" | "peakBytes"> => {
  const used = new Set(kept)
  const releases = instructions.map(() => [] as Register[])
  for (let i = instructions.length - 1; i >= 0; i--) {
    const instruction = instructions[i]
    if (instruction === undefined) continue
    for (const register of [instruction.output, ...registersOf(instruction.inputs)]) {
      if (used.has(register)) continue
      used.add(register)
      releases[i]?.push(register)
    }
  }
  const planned = instructions.map((instruction, i) => ({ ...instruction, released: releases[i] ?? [] }))
  return { instructions: planned, peakBytes: peakOf(planned, results) }
}

const peakOf = (instructions: ReadonlyArray<Instruction>, results: ReadonlyMap<Register, Result>): number => {
  const views = new Map<Register, number>()
  const rootOf = (register: Register): Register => {
    const of = results.get(register)?.of
    return of === undefined ? register : rootOf(of)
  }
  let now = 0
  let peak = 0
  const count = (register: Register, by: 1 | -1): void => {
    const root = rootOf(register)
    const result = results.get(root)
    if (result === undefined) return
    const before = views.get(root) ?? 0
    views.set(root, before + by)
    if (before + by === 0) now -= bytesOf(result)
    else if (before === 0) now += bytesOf(result)
  }
  for (const { output, released } of instructions) {
    count(output, 1)
    peak = Math.max(peak, now)
    for (const register of released) count(register, -1)
  }
  return peak
}

import type { Op } from "../tensor/Tensor.ts"
import type { ExplainedPrimitive } from "./explain.ts"

/** What a backend measured of one kernel: `KernelTime`. */
export interface MeasuredKernel {
  readonly signature: string | undefined
  readonly operator: string
  readonly calls: number
  readonly milliseconds: number
}

/** How long a program took on a backend, in milliseconds a step. */
export interface Measured {
  readonly backend: string
  /** What was measured how. */
  readonly how: string
  /** A whole step by the clock, without measuring its kernels: random numbers, copies and updates beside a graph are part of it. */
  readonly milliseconds: number
  /** By kind of primitive, the longest first. `engine` is what the engine did for several primitives at once, or for itself. */
  readonly kinds: ReadonlyArray<{
    readonly primitive: Op | "engine"
    readonly calls: number
    readonly milliseconds: number
  }>
  /** The share of each of the program's primitives, in its order. */
  readonly primitives: ReadonlyArray<number>
}

/**
 * What a backend measured, by the primitives of a program. Kernels are known by what they take and make, so that primitives which are alike
 * share their time equally. A sum that an engine computes together with a product (`Gemm`) is a product.
 */
export const measuredBy = (
  backend: string,
  profile: { readonly how: string; readonly kernels: ReadonlyArray<MeasuredKernel> },
  milliseconds: number,
  program: ReadonlyArray<ExplainedPrimitive>
): Measured => {
  const alike = new Map<string, number>()
  for (const { signature } of program) alike.set(signature, (alike.get(signature) ?? 0) + 1)
  const times = new Map<string, number>()
  const kinds = new Map<Op | "engine", { calls: number; milliseconds: number }>()
  const kindOf = new Map(program.map(({ signature, primitive }) => [signature, primitive]))
  for (const { signature, operator, calls, milliseconds } of profile.kernels) {
    const known = signature === undefined ? undefined : kindOf.get(signature)
    if (signature !== undefined && known !== undefined) times.set(signature, (times.get(signature) ?? 0) + milliseconds)
    const kind = known === "add" && products.has(operator) ? "matmul" : (known ?? "engine")
    const sum = kinds.get(kind) ?? { calls: 0, milliseconds: 0 }
    kinds.set(kind, { calls: sum.calls + calls, milliseconds: sum.milliseconds + milliseconds })
  }
  return {
    backend,
    how: profile.how,
    milliseconds,
    kinds: [...kinds]
      .map(([primitive, sum]) => ({ primitive, ...sum }))
      .toSorted((a, b) => b.milliseconds - a.milliseconds),
    primitives: program.map(({ signature }) => (times.get(signature) ?? 0) / (alike.get(signature) ?? 1))
  }
}

const products: ReadonlySet<string> = new Set(["Gemm", "FusedGemm", "MatMul", "FusedMatMul"])

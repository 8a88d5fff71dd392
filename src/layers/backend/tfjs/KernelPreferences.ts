/** What the kernels of a backend are quick at; any style is right on any backend that has the kernels. */
export interface KernelPreferences {
  /**
   * `flags`: one kernel for all matrix products, told which operands are transposed. `transposed`: single matrices are
   * transposed in memory first (the wasm kernel has a quick path only for plain products), and batches of small ones go to
   * `BatchedProduct`.
   */
  readonly products: "flags" | "transposed"
  /** `sigmoid`: tanh x as 2 sigmoid(2 x) - 1, where only the sigmoid is vectorised. */
  readonly tanh: "kernel" | "sigmoid"
}

/** A kernel for everything. */
export const plainPreferences: KernelPreferences = { products: "flags", tanh: "kernel" }

/** For tfjs's wasm backend, with `wasmKernels`. */
export const wasmPreferences: KernelPreferences = { products: "transposed", tanh: "sigmoid" }

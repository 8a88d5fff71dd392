import type { Initialiser, ParameterSpec } from "../../../src/domain/nn/parameter.ts"

const zero: Initialiser = { kind: "constant", value: 0 }

/** A tree of two parameters. */
export const specs: { readonly weight: ParameterSpec; readonly deep: { readonly bias: ParameterSpec } } = {
  weight: { shape: [2, 3], initialiser: zero },
  deep: { bias: { shape: [3], initialiser: zero } }
}

/** The shapes of its leaves, by path. */
export const paths = { weight: [2, 3], "deep.bias": [3] } as const

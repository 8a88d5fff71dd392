import { isParameterSpec, type ParameterSpec } from "../nn/parameter.ts"
import { mapLeaves, type Tree } from "../tensor/Tree.ts"

/** A tree of zeros in the shapes of the parameters: an optimizer's memory before the first update. */
export const zeroed = <T extends Tree<ParameterSpec>>(parameters: T): T =>
  mapLeaves<ParameterSpec, T>(parameters, isParameterSpec, ({ shape }) => ({
    shape,
    initialiser: { kind: "constant", value: 0 }
  }))

/** The count of updates before the first one: `[]`, zero. */
export const noUpdates: ParameterSpec = { shape: [], initialiser: { kind: "constant", value: 0 } }

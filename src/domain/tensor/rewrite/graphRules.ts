import { hoistCommonParts } from "./commonParts.ts"
import { takeFactors } from "./factors.ts"
import type { Graph, Rewritten } from "./Graph.ts"
import { joinLanes } from "./lanes.ts"
import { joinLeftProducts } from "./leftProducts.ts"
import { mergeSums } from "./sums.ts"

/** A rule that looks at many expressions at once. */
export interface GraphRule {
  readonly name: string
  /** What it replaces by what. */
  readonly formula: string
  /** What is gained by it, and when it is not used. */
  readonly reason: string
  readonly apply: (graph: Graph) => Rewritten
}

/** In the order in which they are tried. */
export const graphRules = [
  {
    name: "merge sums",
    formula: "X_1^T G_1 + .. + X_T^T G_T = [X_1; ..; X_T]^T [G_1; ..; G_T]",
    reason:
      "One product with long columns instead of T with short ones and T - 1 sums of their results: weight gradients of a recurrence.",
    apply: mergeSums
  },
  {
    name: "take factors",
    formula: "x V + x W = x (V + W),  x W + y W = (x + y) W,  [x | y] [V; W] + y U = x V + y (W + U)",
    reason: "A sum of matrices or biases is made once for all steps, where a product would be made at each of them.",
    apply: takeFactors
  },
  {
    name: "hoist common parts",
    formula: "[x | y_t] W + b = y_t W_y + (x W_x + b)",
    reason:
      "What a recurrence is given unchanged is projected once. Not where adding its projection costs more than making it.",
    apply: hoistCommonParts
  },
  {
    name: "join lanes",
    formula: "f(X_1 W), .., f(X_T W) = the parts of f([X_1; ..; X_T] W)",
    reason:
      "One pass over T times as many rows: fewer calls, and W is packed once. Not where a step needs another, or copies cost more.",
    apply: joinLanes
  },
  {
    name: "join left products",
    formula: "x W_1 + b_1, x W_2 + b_2 = the parts of x [W_1 | W_2] + [b_1 | b_2]",
    reason:
      "A narrow product costs nearly as much as a wide one, and so does its gradient. Not where cutting it apart costs more.",
    apply: joinLeftProducts
  }
] as const satisfies ReadonlyArray<GraphRule>

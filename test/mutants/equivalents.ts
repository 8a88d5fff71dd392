import type { Equivalent } from "./Equivalent.ts"
import { dataEquivalents } from "./equivalents/data.ts"
import { layerEquivalents } from "./equivalents/layers.ts"
import { randomEquivalents } from "./equivalents/random.ts"
import { rewritingEquivalents } from "./equivalents/rewriting.ts"
import { tensorEquivalents } from "./equivalents/tensor.ts"

/** What counts neither as noticed nor as unnoticed. Every entry must match a survivor of the run, or the run says that it is stale. */
export const equivalents: ReadonlyArray<Equivalent> = [
  ...randomEquivalents,
  ...dataEquivalents,
  ...tensorEquivalents,
  ...rewritingEquivalents,
  ...layerEquivalents
]

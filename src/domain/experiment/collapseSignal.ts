/** An accuracy from which on D is never wrong, but for an image in a hundred. */
const surely = 0.99

/**
 * What D's accuracies over some updates say of the game:
 * - `D tells all apart`: it is right on everything, and what G learns from it vanishes. If G's images are all alike as
 *   well (`collapsed`), G has collapsed;
 * - `D answers alike`: it calls real and generated images the same, whatever they are: D has collapsed.
 */
export type CollapseSignal = "D tells all apart" | "D answers alike"

/** The signal in the mean accuracies of an interval, on real and on generated images, if there is one. */
export const collapseSignal = (realAccuracy: number, generatedAccuracy: number): CollapseSignal | undefined => {
  const [lower, higher] = [Math.min(realAccuracy, generatedAccuracy), Math.max(realAccuracy, generatedAccuracy)]
  if (lower >= surely) return "D tells all apart"
  if (lower <= 1 - surely && higher >= surely) return "D answers alike"
  return undefined
}

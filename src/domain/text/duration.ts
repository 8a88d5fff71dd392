/** An estimate of time for people: `40 s`, `6 minutes`, `2.5 hours`. */
export const duration = (seconds: number): string => {
  const minutes = seconds / 60
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return minutes < 90 ? `${Math.round(minutes)} minutes` : `${(minutes / 60).toFixed(1)} hours`
}

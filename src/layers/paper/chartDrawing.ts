import * as Effect from "effect/Effect"

/**
 * What draws charts, loaded when the first is drawn: the charting library's 600 modules take longer to load than all else
 * that a command needs together.
 */
export const chartDrawing = Effect.promise(async () => {
  const [curves, courses] = await Promise.all([import("../chart/learningCurves.ts"), import("./historyCharts.ts")])
  return { ...curves, ...courses }
})

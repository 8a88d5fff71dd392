import type { TrainingEventOf } from "../experiment/TrainingEvent.ts"

/**
 * The progress that a line of a log tells, from its JSON; nothing if it is another event or none. What the schema of events
 * decodes as well, only far faster: a log has fifty thousand of these lines, and hardly any of others.
 */
export const progressFrom = (json: unknown): TrainingEventOf<"Progress"> | undefined => {
  if (typeof json !== "object" || json === null || !("_tag" in json) || json._tag !== "Progress") return undefined
  if (!("update" in json && "totalUpdates" in json && "epoch" in json && "metrics" in json)) return undefined
  if (!("updatesPerSecond" in json && "secondsLeft" in json)) return undefined
  const { metrics: told } = json
  if (typeof told !== "object" || told === null || Array.isArray(told)) return undefined
  const numbers = [json.update, json.totalUpdates, json.epoch, json.updatesPerSecond, json.secondsLeft].map(numberFrom)
  const [update, totalUpdates, epoch, updatesPerSecond, secondsLeft] = numbers
  if (update === undefined || totalUpdates === undefined || epoch === undefined) return undefined
  if (updatesPerSecond === undefined || secondsLeft === undefined) return undefined
  if (!Number.isSafeInteger(update) || update < 0 || !Number.isSafeInteger(totalUpdates)) return undefined
  const metrics: Array<readonly [string, number]> = []
  for (const [name, value] of Object.entries(told)) {
    const number = numberFrom(value)
    if (number === undefined) return undefined
    metrics.push([name, number])
  }
  return {
    _tag: "Progress",
    update,
    totalUpdates,
    epoch,
    metrics: Object.fromEntries(metrics),
    updatesPerSecond,
    secondsLeft
  }
}

/** JSON has no NaN and no infinities: logs have them as texts. */
const numberFrom = (value: unknown): number | undefined => {
  if (typeof value === "number") return value
  return value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : undefined
}

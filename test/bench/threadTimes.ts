import { readdirSync, readFileSync } from "node:fs"

/**
 * Processor time of each thread of this process so far, by the system's number for it; milliseconds. `undefined` where
 * the system does not tell (it does on Linux). A thread's own time hardly depends on what else the machine does.
 */
export const threadTimes = (): ReadonlyMap<string, number> | undefined => {
  try {
    return new Map(
      readdirSync("/proc/self/task").map((thread) => {
        const [nanoseconds = "0"] = readFileSync(`/proc/self/task/${thread}/schedstat`, "utf8").split(" ")
        return [thread, Number(nanoseconds) / 1e6] as const
      })
    )
  } catch {
    return undefined
  }
}

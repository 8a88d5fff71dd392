import { fetchCourse, fetchDetails } from "./api.ts"
import { chosenRuns, type KnownRun, type PageState } from "./state.ts"

/** Requests at the same time, and milliseconds between two rounds of them. */
const [mostRequests, roundMillis] = [4, 40]

/** Points of all chosen runs' lines in a chart together, and of one. */
const [mostPoints, leastOfRun, mostOfRun] = [16_000, 60, 500]

/** Of more chosen runs nothing but curves is shown. */
const mostDetailed = 12

/** Between two readings of the settings, images and notes of a run that goes on. */
const detailsMillis = 10_000

/** Calls for what the chosen runs need to be shown. */
export interface Fetching {
  /** Says that runs, or the choice of them, are others now. */
  readonly wake: () => void
}

/**
 * Fetches courses and details of the chosen runs, a few at a time and none twice: what a hidden page would show waits until it is
 * seen. `got` is called with the ids of the runs that something new came of.
 */
export const fetching = (
  state: PageState,
  got: {
    readonly course: (id: string) => void
    readonly details: (id: string) => void
    readonly failed: (problem: string) => void
  }
): Fetching => {
  const underWay = new Set<string>()
  let isAsked = false

  const pointsOf = (): number =>
    Math.round(Math.min(Math.max(mostPoints / Math.max(state.chosen.length, 1), leastOfRun), mostOfRun))

  const detailsKey = ({ summary, version }: KnownRun): string =>
    `${summary.image?.path} ${summary.image?.update} ${summary.startedAt} ${summary.state} ` +
    (summary.state === "running" ? Math.floor(Date.now() / detailsMillis) : version)

  const next = (): (() => Promise<void>) | undefined => {
    for (const [place, run] of chosenRuns(state).entries()) {
      const { id } = run.summary
      if (underWay.has(id)) continue
      if (run.course?.version !== run.version) {
        return async () => {
          underWay.add(id)
          const { version } = run
          try {
            const course = await fetchCourse(id, pointsOf())
            // What came since is fetched by the next round; a run whose version grew while it was read is not asked for again at once.
            run.course = { ...course, version }
            got.course(id)
          } finally {
            underWay.delete(id)
          }
        }
      }
      const key = detailsKey(run)
      if (place >= mostDetailed && id !== state.noted) continue
      if (run.detailsFor !== key) {
        return async () => {
          underWay.add(id)
          run.detailsFor = key
          try {
            run.details = await fetchDetails(id)
            got.details(id)
          } finally {
            underWay.delete(id)
          }
        }
      }
    }
    return undefined
  }

  const round = (): void => {
    isAsked = false
    if (document.visibilityState === "hidden") return
    for (let work = next(); work !== undefined && underWay.size < mostRequests; work = next()) {
      work()
        .catch((error: unknown) => {
          got.failed(error instanceof Error ? error.message : String(error))
          return new Promise((resolve) => setTimeout(resolve, 2000))
        })
        .finally(() => wake())
    }
  }
  const wake = (): void => {
    if (!isAsked) setTimeout(round, roundMillis)
    isAsked = true
  }
  document.addEventListener("visibilitychange", wake)
  return { wake }
}

import type * as Schema from "effect/Schema"
import type { TrainingEvent } from "../experiment/TrainingEvent.ts"

/** An image that a run wrote. */
export interface WrittenImage {
  readonly update: number
  /** In the run's folder, with `/` between its parts. */
  readonly path: string
}

/** Something that a run said at an update. */
export interface RunNotice {
  readonly update: number
  /** In milliseconds since 1970. */
  readonly time: number
  readonly message: string
}

/** What a run's log tells of it, apart from the course of its metrics. */
export interface RunFacts {
  readonly name: string | undefined
  readonly settings: Schema.Json | undefined
  readonly backend: string | undefined
  readonly parameters: number | undefined
  /** Times in milliseconds since 1970: of the last start, and of the last record. */
  readonly startedAt: number | undefined
  readonly lastAt: number | undefined
  readonly update: number
  /** Passes over the training data; 0 before the first progress. */
  readonly epoch: number
  /** 0 while it is not known. */
  readonly totalUpdates: number
  readonly updatesPerSecond: number
  /** Not finite while it is not known. */
  readonly secondsLeft: number
  readonly metrics: Readonly<Record<string, number>>
  /** Where the last measured metric that is not finite is, if the last progress has one. */
  readonly notFinite: string | undefined
  /** How the run ended; nothing while it goes on, or if it was cut off. */
  readonly end: "finished" | "interrupted" | undefined
  /** In the order in which they were written. */
  readonly images: ReadonlyArray<WrittenImage>
  readonly notices: ReadonlyArray<RunNotice>
  /** Of the last samples that were measured, the share of each class; nothing if none were. */
  readonly classes: ReadonlyArray<number> | undefined
  /** Of the newest checkpoint. */
  readonly checkpoint: number | undefined
}

/** Of a run whose log has told nothing yet. */
export const noFacts: RunFacts = {
  name: undefined,
  settings: undefined,
  backend: undefined,
  parameters: undefined,
  startedAt: undefined,
  lastAt: undefined,
  update: 0,
  epoch: 0,
  totalUpdates: 0,
  updatesPerSecond: 0,
  secondsLeft: Number.NaN,
  metrics: {},
  notFinite: undefined,
  end: undefined,
  images: [],
  notices: [],
  classes: undefined,
  checkpoint: undefined
}

/** Images and notices that are kept of a run: of more, every second one goes. */
const most = 1000

/** What is known after a further event, that was recorded at `time` (milliseconds since 1970). */
export const factsAfter = (facts: RunFacts, event: TrainingEvent, time: number): RunFacts => {
  const { update } = event
  const told = { ...facts, lastAt: time }
  switch (event._tag) {
    case "Started": {
      const { name, settings, backend, parameters, totalUpdates } = event
      const images = facts.images.filter((image) => image.update <= update)
      const again = { startedAt: time, update, updatesPerSecond: 0, secondsLeft: Number.NaN, end: undefined, images }
      return { ...told, ...again, name, settings, backend, parameters, totalUpdates, notFinite: undefined }
    }
    case "Progress": {
      const { epoch, totalUpdates, updatesPerSecond, secondsLeft, metrics } = event
      const notFinite = Object.entries(metrics).find(([, value]) => !Number.isFinite(value))?.[0]
      return { ...told, update, epoch, totalUpdates, updatesPerSecond, secondsLeft, metrics, notFinite }
    }
    case "Measured":
      return { ...told, classes: event.classes ?? facts.classes }
    case "Checkpointed":
      return { ...told, update: Math.max(facts.update, update), checkpoint: update }
    case "PictureWritten": {
      const path = pathInRun(event.path)
      const others = facts.images.filter((image) => image.path !== path)
      return { ...told, images: fewer([...others, { update, path }]) }
    }
    case "Warned":
      return { ...told, notices: fewer([...facts.notices, { update, time, message: event.message.slice(0, 2000) }]) }
    case "Finished":
      return { ...told, update, secondsLeft: 0, end: "finished" }
    case "Interrupted":
      return { ...told, end: "interrupted" }
  }
}

/**
 * A path that a log names, as it is in the run's folder: logs give it as the training's own working directory had it, and
 * folders are moved. What is drawn during a run lies in its folder `figures`; anything else in the run's folder itself.
 */
export const pathInRun = (path: string): string => {
  const parts = path.split(/[/\\]/).filter((part) => part !== "" && part !== "." && part !== "..")
  const figures = parts.lastIndexOf("figures")
  return (figures === -1 ? parts.slice(-1) : parts.slice(figures)).join("/")
}

const fewer = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> =>
  all.length <= most ? all : all.filter((_, i) => i % 2 === 0 || i === all.length - 1)

/** How a run stands. `cut off`: it neither goes on nor said that it ended, as after a crash or a kill. */
export type RunState = "running" | "finished" | "stopped" | "cut off" | "not begun"

/** A run without a sign of life for so long goes on only if its folder is held. */
const silentMillis = 60_000

/**
 * How a run stands by what it told last, whether a process that lives holds its folder, and how many milliseconds ago something was
 * last told.
 */
export const runState = ({ startedAt, lastAt, end }: RunFacts, held: boolean, now: number): RunState => {
  if (end === "finished") return "finished"
  if (held) return "running"
  if (end === "interrupted") return "stopped"
  if (startedAt === undefined && lastAt === undefined) return "not begun"
  return now - (lastAt ?? 0) < silentMillis ? "running" : "cut off"
}

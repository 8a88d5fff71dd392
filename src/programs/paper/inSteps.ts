import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { secondsLeft, sumOf, type TimedStep } from "../../domain/paper/plan/pace.ts"
import { alignedTable } from "../../domain/text/alignedTable.ts"
import { duration } from "../../domain/text/numbers.ts"
import { formatDuration } from "../../layers/log/progressLine.ts"

/** A part of a long piece of work. */
export interface Step<E, R> {
  /** What is to be done: `train paper, seed 3: 20 epochs (10000 updates)`. */
  readonly title: string
  /** About how many seconds it takes on two idle cores; `undefined` if that is not known. */
  readonly seconds: number | undefined
  /** Does it, and says what was done. */
  readonly act: Effect.Effect<string, E, R>
}

const about = (seconds: number | undefined): string => (seconds === undefined ? "" : `about ${duration(seconds)}`)

/**
 * Does one step after the other. Before the first it lists them all with the time that each is thought to take, and after each it says what
 * was done and how long the rest takes at the pace so far.
 */
export const inSteps = Effect.fn("inSteps")(function* <E, R>(steps: ReadonlyArray<Step<E, R>>) {
  const whole = sumOf(steps.map(({ seconds }) => seconds))
  const rows = steps.map(({ title, seconds }, index) => [`${index + 1}`, title, about(seconds)])
  yield* Console.log(
    [
      `${steps.length === 1 ? "1 step" : `${steps.length} steps`}${whole === undefined ? "" : `, ${about(whole)} in all on two idle cores`}:`,
      ...alignedTable(rows, { first: 0, last: 0 }).map((line) => `  ${line}`)
    ].join("\n")
  )
  const done: Array<TimedStep> = []
  for (const [index, { title, seconds, act }] of steps.entries()) {
    const name = `Step ${index + 1} of ${steps.length}`
    yield* Console.log(`\n${name}: ${title}${seconds === undefined ? "" : ` (${about(seconds)})`}`)
    const began = yield* Clock.currentTimeMillis
    const said = yield* act
    const took = ((yield* Clock.currentTimeMillis) - began) / 1000
    done.push({ expected: seconds, took })
    const left = secondsLeft(
      done,
      steps.slice(index + 1).map((step) => step.seconds)
    )
    const rest = index + 1 === steps.length || left === undefined ? "" : `; ${about(left)} to go`
    yield* Console.log(`${name} done in ${formatDuration(took)}: ${said}${rest}`)
  }
})

/** How long nothing may be heard of what is going on. */
const silence = "5 seconds"

/** Says what is being done, and every few seconds that it still is. */
export const heard =
  (what: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.gen(function* () {
      yield* Console.log(what)
      const began = yield* Clock.currentTimeMillis
      const beat = Effect.gen(function* () {
        yield* Effect.sleep(silence)
        const seconds = Math.round(((yield* Clock.currentTimeMillis) - began) / 1000)
        yield* Console.log(`${what}: ${seconds} s so far`)
      })
      const beating = yield* Effect.forkChild(Effect.forever(beat))
      return yield* Effect.ensuring(effect, Fiber.interrupt(beating))
    })

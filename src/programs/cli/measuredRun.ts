import { Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { openClassifier } from "../classifier/openClassifier.ts"
import { smallMeasurer } from "../evaluation/smallMeasures.ts"
import { RunMeasuring } from "../training/measureWithin.ts"
import { classifierLayer } from "./layers.ts"

/** Samples of each measure: below a second for MNIST, the drawing included. */
const samples = 1000

/** Where `fovea evaluate` looks for the classifier as well, if not told otherwise. */
const usualClassifier = "runs/classifier"

const mostShare = 0.5

/** The flag `--measure`. */
export const measureFlag = Flag.String("measure").pipe(
  Flag.withMetavar("share"),
  Flag.filterMap(
    (text) => {
      const share = /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN
      return share > 0 && share <= mostShare ? Option.some(share) : Option.none()
    },
    () => `a share of the time above 0, at most ${mostShare}, such as 0.05`
  ),
  Flag.withDescription(
    `measure ${samples} samples now and then, within this share of the time: Fréchet distance and classes, by the classifier in ${usualClassifier}, which is trained first if it is missing`
  ),
  Flag.optional
)

/** A training whose generator is measured as it learns (`--measure`), if that is asked for and the data have classes. */
export const measuredRun =
  (share: Option.Option<number>, logging: Parameters<typeof classifierLayer>[1]) =>
  <A, E, R>(training: Effect.Effect<A, E, R>) =>
    Option.match(share, {
      onNone: () => training,
      onSome: (part) =>
        Effect.gen(function* () {
          const measure = yield* openClassifier().pipe(
            Effect.provide(classifierLayer(usualClassifier, logging), { local: true }),
            Effect.flatMap(smallMeasurer),
            Effect.catchTag("LabelsError", ({ message }) =>
              Effect.as(Effect.logWarning(`Nothing is measured of this run: ${message}`), undefined)
            )
          )
          if (measure === undefined) return yield* training
          return yield* Effect.provideService(training, RunMeasuring, { share: part, samples, measure })
        })
    })

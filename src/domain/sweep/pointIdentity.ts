import { canonicalDataName, type DataDigests } from "../experiment/dataIdentity.ts"
import { decisive, type RunDescription } from "../experiment/RunDescription.ts"
import type { DigestOfText } from "../json/checksummedJson.ts"
import type { Program } from "../program/Program.ts"
import { inputsFirst } from "../tensor/order.ts"
import { printProgram } from "../tensor/print.ts"
import type { PlannedPoint, PointStop } from "./PlannedPoint.ts"
import { POINT_VERSION } from "./PlannedPoint.ts"

/** What a point computes: a bundled system by its settings, or a program of someone's own. */
export type Computed =
  | { readonly kind: "settings"; readonly run: RunDescription }
  | { readonly kind: "program"; readonly program: Program; readonly seed: number; readonly values?: unknown }

/** Digits of an id: short enough for a folder's name, and no two of a store are ever alike. */
const idDigits = 32

/**
 * The id of a point: a digest of what decides its numbers. Those are what an update computes, from which seed and data (by their digests, not
 * by where they lie), how many updates there are, on how many shards, by which engine, and the rules by which it is given up; and at which
 * epochs it keeps milestones, so that who asks for them does not get a training that has none. Neither the sweep's name, nor the order of
 * its axes, nor how often it reports is among them.
 */
export const pointId = (
  computed: Computed,
  {
    updates,
    shards,
    data,
    stop,
    engine
  }: Pick<PlannedPoint, "updates" | "shards" | "data" | "stop"> & { readonly engine: string },
  digestOf: DigestOfText
): string =>
  digestOf(
    canonicalJson({
      version: POINT_VERSION,
      computed:
        computed.kind === "settings"
          ? decisive(computed.run)
          : { program: programText(computed.program), seed: computed.seed },
      ...milestonesOf(computed),
      updates,
      shards,
      data: dataIdentity(data.digests),
      stop: ruling(stop),
      engine
    })
  ).slice(0, idDigits)

/** JSON in which the order of fields says nothing. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner
  )

const milestonesOf = (computed: Computed): object => {
  const milestones = computed.kind === "settings" ? (computed.run.settings.reporting.milestoneEpochs ?? []) : []
  return milestones.length > 0 ? { milestones } : {}
}

const dataIdentity = (digests: DataDigests) =>
  Object.fromEntries(Object.entries(digests).map(([name, digest]) => [canonicalDataName(name), digest.toLowerCase()]))

/** Rules that rule nothing leave no trace. */
const ruling = ({ collapse, bounds, halving }: PointStop): unknown => ({
  ...(collapse && { collapse }),
  ...(bounds.length > 0 && { bounds }),
  ...(halving !== undefined && halving.rungs.length > 0 && { halving })
})

/** A program in full: its graph, with the numbers of its constants, and how its state begins. */
const programText = (program: Program): unknown => ({
  graph: printProgram(program),
  constants: inputsFirst([...Object.values(program.next), ...Object.values(program.outputs)]).flatMap((node) =>
    node.op === "constant" ? [Array.from(node.parameters.data.values)] : []
  ),
  specs: Object.entries(program.specs).map(([path, { shape, initialiser, trained, initialisedLike }]) => [
    path,
    shape,
    initialiser.kind === "values" ? { ...initialiser, values: Array.from(initialiser.values) } : initialiser,
    trained,
    initialisedLike
  ])
})

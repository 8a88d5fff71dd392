import { mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import { thisMachine } from "../../src/layers/machine/thisMachine.ts"
import { libraryVersion } from "../../src/programs/libraryVersion.ts"
import { faultTable, type PartResult } from "./faultTable.ts"
import { parts } from "./parts.ts"

const usage = `npm run faults -- [--short] [--seed N] [--only NAME] [--json FILE]
parts: ${parts.map(({ name }) => name).join(", ")}`

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    seed: { type: "string", default: "0" },
    only: { type: "string" },
    json: { type: "string", default: "runs/faults.json" },
    help: { type: "boolean", default: false }
  }
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const seed = Number(values.seed)
const chosen = parts.filter(({ name }) => values.only === undefined || name === values.only)
if (chosen.length === 0 || !Number.isSafeInteger(seed)) {
  console.error(usage)
  process.exit(1)
}

const results: Array<PartResult> = []
for (const { name, run } of chosen) {
  console.error(`${name} ...`)
  const began = performance.now()
  const counts = await run({ size: values.short ? "short" : "full", seed })
  results.push({ name, seconds: Math.round((performance.now() - began) / 100) / 10, counts })
}
const losses = results.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count.losses, 0)
const machine = Effect.runSync(thisMachine)
console.log(faultTable(results))
console.log(
  `\n${losses === 0 ? "Nothing was lost." : `${losses} losses.`} ${machine.processor}, ${machine.cores} cores; Node ${process.versions.node}; seed ${seed}.`
)
mkdirSync(dirname(values.json), { recursive: true })
const report = {
  version: libraryVersion,
  node: process.versions.node,
  machine,
  size: values.short ? "short" : "full",
  seed,
  losses,
  parts: results
}
writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`)
process.exit(losses === 0 ? 0 : 1)

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { uniform } from "../../../src/domain/random/noise.ts"
import type { FaultPart } from "../FaultPart.ts"
import { disturbedSweep, type SweepOutcome } from "./disturbedSweep.ts"

const audit = [
  "CREATE TABLE fovea_audit (what TEXT NOT NULL, id TEXT NOT NULL)",
  `CREATE TRIGGER note_end AFTER UPDATE ON fovea_points WHEN NEW.state = 'finished' AND OLD.state <> 'finished'
    BEGIN INSERT INTO fovea_audit VALUES ('finished', NEW.id); END`,
  `CREATE TRIGGER note_save AFTER INSERT ON fovea_checkpoints
    BEGIN INSERT INTO fovea_audit VALUES ('saved', NEW.run || ' ' || NEW.update_done); END`
]

/** Numbers from 0 to 1 of a part of the tests, the same for the same seed. */
export const drawsOf = (seed: number, stream: string): (() => number) => {
  let draws = 0
  return () => uniform({ seed, stream, step: draws++ }, 1)[0] ?? 0
}

export const toldOf = ({ losses, points, problems, stops, waits }: SweepOutcome): string =>
  problems[0] ??
  `${points} trainings, ${stops} stops for longer than a lease; ${losses} losses noticed, ${waits} waits for the store; every point finished once, ends equal to the bit`

/** Workers of a sweep in one SQLite file, killed and stopped at random moments. */
export const sweepInSqlite: FaultPart = {
  name: "sweep in SQLite",
  run: async ({ seed, size }) => {
    const folder = mkdtempSync(join(tmpdir(), "fovea-sweep-"))
    try {
      const file = join(folder, "store.sqlite")
      const address = `sqlite:${file}`
      const full = size === "full"
      const outcome = await disturbedSweep({
        address,
        audit,
        workers: Array.from({ length: full ? 3 : 2 }, () => ({ address, under: [] })),
        ...(full
          ? { engine: "onnxruntime", points: 24, epochs: 120, kills: 40, stops: 10, limitMillis: 1_800_000 }
          : {
              engine: "reference",
              points: 2,
              epochs: 15,
              kills: 1,
              stops: 1,
              leaseMillis: 1000,
              limitMillis: 200_000
            }),
        draw: drawsOf(seed, "sweep in SQLite")
      })
      const database = new DatabaseSync(file)
      const sound = JSON.stringify(database.prepare("PRAGMA integrity_check").all())
      const astray = database.prepare("PRAGMA foreign_key_check").all().length
      database.close()
      const problems = [
        ...outcome.problems,
        ...(sound === '[{"integrity_check":"ok"}]' ? [] : [`the database is damaged: ${sound}`]),
        ...(astray === 0 ? [] : [`${astray} rows of the database have lost what they belong to`])
      ]
      return [
        {
          what: "kill -9 of a worker of a sweep in SQLite at a random moment",
          tried: outcome.kills,
          losses: problems.length,
          note: toldOf({ ...outcome, problems })
        }
      ]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findPostgres, type PostgresServer, startPostgres } from "../../support/postgres.ts"
import type { FaultCount, FaultPart } from "../FaultPart.ts"
import { pause } from "../smallRun.ts"
import { disturbedSweep } from "./disturbedSweep.ts"
import { makeNamespaces, type Namespaces } from "./namespaces.ts"
import { drawsOf, toldOf } from "./sweepInSqlite.ts"

const audit = [
  "CREATE TABLE fovea_audit (what TEXT NOT NULL, id TEXT NOT NULL)",
  `CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO fovea_audit VALUES ('finished', NEW.id); RETURN NEW; END $$`,
  `CREATE TRIGGER note_end AFTER UPDATE ON fovea_points FOR EACH ROW
    WHEN (NEW.state = 'finished' AND OLD.state <> 'finished') EXECUTE FUNCTION note_end()`,
  `CREATE FUNCTION note_save() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO fovea_audit VALUES ('saved', NEW.run || ' ' || NEW.update_done); RETURN NEW; END $$`,
  "CREATE TRIGGER note_save AFTER INSERT ON fovea_checkpoints FOR EACH ROW EXECUTE FUNCTION note_save()"
]

/** A disk of its own for the database, so that it can be full; the folder as it is where there may be none. */
const smallDisk = (folder: string): { readonly isOwn: boolean; readonly remove: () => void } => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256m,mode=755", "none", folder], { stdio: "pipe" })
    return { isOwn: true, remove: () => execFileSync("umount", ["-l", folder]) }
  } catch {
    return { isOwn: false, remove: () => undefined }
  }
}

/** What is done to a database and to the way there while a sweep goes on. */
const outages = (server: PostgresServer, spaces: Namespaces | undefined, disk: string | undefined) => {
  const restart = async (): Promise<void> => {
    await server.kill()
    await pause(1500)
    await server.start()
  }
  const exhaust = async (): Promise<void> => {
    // As many sessions as the server takes.
    const sessions = Array.from({ length: 30 }, () => server.hold(4))
    await Promise.all(sessions)
  }
  const cutOne =
    ({ cut, heal }: Namespaces, index: number, millis: number) =>
    async (): Promise<void> => {
      cut(index)
      await pause(millis)
      heal(index)
    }
  const fill = (folder: string) => async (): Promise<void> => {
    const filler = join(folder, "filler")
    const { bavail, bsize } = statfsSync(folder)
    try {
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 4096)))
    } catch (error) {
      // The database has written in between: then the disk is full all the same.
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error
    }
    await pause(4000)
    rmSync(filler)
    await server.ensure()
  }
  return [
    { name: "Postgres killed and started again", act: restart },
    { name: "connections exhausted", act: exhaust },
    ...(spaces === undefined
      ? []
      : [
          { name: "link of one worker cut for longer than its lease", act: cutOne(spaces, 0, 6000) },
          { name: "link of another cut for a moment", act: cutOne(spaces, 1, 500) }
        ]),
    ...(disk === undefined ? [] : [{ name: "disk full", act: fill(disk) }])
  ]
}

/** Workers of a sweep in Postgres, on machines of their own: killed, stopped and cut off, and the database as well. */
export const sweepInPostgres: FaultPart = {
  name: "sweep in Postgres",
  run: async ({ seed, size }) => {
    const installed = findPostgres()
    const what = "kill -9 of a worker of a sweep in Postgres at a random moment"
    if (typeof installed === "string") {
      console.warn(`SKIPPED: a sweep in Postgres: ${installed}.`)
      return [{ what, tried: 0, losses: 0, note: `skipped: ${installed}` }]
    }
    const full = size === "full"
    const folder = mkdtempSync(join(tmpdir(), "fovea-sweep-"))
    const within = join(folder, "disk")
    mkdirSync(within)
    execFileSync("chmod", ["755", folder])
    const disk = full ? smallDisk(within) : { isOwn: false, remove: () => undefined }
    const workers = full ? 3 : 1
    const made = full ? makeNamespaces(workers) : "not in the short version"
    const spaces = typeof made === "string" ? undefined : made
    let server: PostgresServer | undefined
    try {
      server = await startPostgres(installed, {
        listen: "*",
        within,
        settings: ["max_connections = 20", "max_wal_size = 48MB", "min_wal_size = 32MB"]
      })
      const running = server
      const user = "trainer"
      server.query(`CREATE USER ${user}; GRANT CREATE ON SCHEMA public TO ${user}`)
      const faults = outages(server, spaces, disk.isOwn ? within : undefined)
      const done: Array<string> = []
      const besides = async (finished: () => boolean): Promise<void> => {
        const rounds = full ? [...faults, ...faults] : faults.slice(0, 1)
        for (const { act, name } of rounds) {
          await pause(full ? 3000 : 1500)
          if (finished()) return
          await act()
          done.push(name)
        }
      }
      const host = spaces?.host ?? "127.0.0.1"
      const outcome = await disturbedSweep({
        address: server.url({ user }),
        audit,
        workers: Array.from({ length: workers }, (_, index) => ({
          address: running.url({ user, host }),
          under: spaces?.under(index) ?? []
        })),
        ...(full
          ? { engine: "onnxruntime", points: 24, epochs: 120, kills: 40, stops: 10, limitMillis: 1_800_000 }
          : {
              engine: "reference",
              points: 2,
              epochs: 15,
              kills: 1,
              stops: 0,
              leaseMillis: 1500,
              limitMillis: 200_000
            }),
        draw: drawsOf(seed, "sweep in Postgres"),
        besides
      })
      const names = [...new Set(done)]
      const kill: FaultCount = { what, tried: outcome.kills, losses: outcome.problems.length, note: toldOf(outcome) }
      const others = names.map(
        (name): FaultCount => ({
          what: name,
          tried: done.filter((other) => other === name).length,
          losses: 0
        })
      )
      if (full && spaces === undefined)
        others.push({ what: "links cut", tried: 0, losses: 0, note: `skipped: ${made}` })
      return [kill, ...others]
    } finally {
      await server?.remove()
      spaces?.remove()
      disk.remove()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { accessSync, chownSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"

/** A Postgres that is installed on this machine, and how its programs are run: they refuse to run as root. */
export interface InstalledPostgres {
  readonly bin: string
  readonly user: { readonly uid: number; readonly gid: number } | undefined
}

/** Looks on the PATH and where Debian puts it. Otherwise the one line that says why tests are skipped. */
export const findPostgres = (): InstalledPostgres | string => {
  const debian = "/usr/lib/postgresql"
  const versions = listed(debian).map((version) => join(debian, version, "bin"))
  const bin = [...(process.env["PATH"] ?? "").split(delimiter), ...versions.toReversed()].find((folder) =>
    ["initdb", "postgres", "psql"].every((program) => isExecutable(join(folder, program)))
  )
  if (bin === undefined)
    return "no Postgres on this machine (initdb and postgres on the PATH, or Debian's package postgresql)"
  if (process.getuid?.() !== 0) return { bin, user: undefined }
  try {
    const idOf = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: "pipe" }))
    return { bin, user: { uid: idOf("-u"), gid: idOf("-g") } }
  } catch {
    return "Postgres does not run as root, and this machine has no user postgres to run it as"
  }
}

const listed = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folder).toSorted((left, right) => Number(left) - Number(right))
  } catch {
    return []
  }
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A server of one test, in a scratch folder. */
export interface PostgresServer {
  readonly port: number
  /** Its folder: the database lies in `data` below. */
  readonly folder: string
  /** `postgres://USER@HOST:PORT/postgres`; connections without a password are for `fovea`, a superuser. */
  readonly url: (options?: { readonly user?: string; readonly host?: string; readonly schema?: string }) => string
  /** Runs SQL as the superuser, and gives its rows as psql writes them. */
  readonly query: (sql: string) => string
  /** As if the machine had lost power, but for its disks. */
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
  /** Of its first process. */
  readonly pid: () => number
  /** Starts it if it has ended by itself, as when its disk is full. */
  readonly ensure: () => Promise<void>
  /** A session as an ordinary user that does nothing for so many seconds; over at once if there is no connection left. */
  readonly hold: (seconds: number) => Promise<void>
  /** Ends it and removes its folder. */
  readonly remove: () => Promise<void>
}

export interface ServerOptions {
  /** Addresses to listen at: `127.0.0.1` if not given. */
  readonly listen?: string
  /** Lines of postgresql.conf. */
  readonly settings?: ReadonlyArray<string>
  /** Where its folder is made: the system's for temporary files if not given. */
  readonly within?: string
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  if (address === null || typeof address === "string") throw new Error("no port")
  return address.port
}

/** Makes a database in a scratch folder and starts its server. A user `worker` has the password `right`. */
export const startPostgres = async (
  { bin, user }: InstalledPostgres,
  { listen = "127.0.0.1", settings = [], within = tmpdir() }: ServerOptions = {}
): Promise<PostgresServer> => {
  const folder = mkdtempSync(join(within, "fovea-postgres-"))
  const data = join(folder, "data")
  mkdirSync(data)
  if (user !== undefined) for (const path of [folder, data]) chownSync(path, user.uid, user.gid)
  const options = { cwd: folder, ...user, env: { PATH: bin, LC_ALL: "C.UTF-8" } }
  const initialise = ["-D", data, "-U", "fovea", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
  execFileSync(join(bin, "initdb"), initialise, { ...options, stdio: "pipe" })
  const port = await freePort()
  writeFileSync(
    join(data, "postgresql.auto.conf"),
    [
      `listen_addresses = '${listen}'`,
      `port = ${port}`,
      `unix_socket_directories = '${folder}'`,
      "fsync = off",
      "shared_buffers = 16MB",
      ...settings
    ].join("\n")
  )
  const access = ["local all all trust", "host all fovea,trainer all trust", "host all all all scram-sha-256"]
  writeFileSync(join(data, "pg_hba.conf"), `${access.join("\n")}\n`)

  let server: ReturnType<typeof spawn> | undefined
  const psql = (sql: string) =>
    execFileSync(join(bin, "psql"), ["-h", folder, "-p", String(port), "-U", "fovea", "-d", "postgres", "-qAtc", sql], {
      ...options,
      encoding: "utf8",
      stdio: "pipe"
    })
  const start = async (tries = 100): Promise<void> => {
    const log: Array<string> = []
    const started = spawn(join(bin, "postgres"), ["-D", data], { ...options, stdio: ["ignore", "ignore", "pipe"] })
    started.stderr?.setEncoding("utf8").on("data", (text: string) => log.push(text))
    server = started
    for (let looks = 0; looks < 600; looks++) {
      if (started.exitCode !== null) {
        if (tries === 0) throw new Error(`Postgres did not start:\n${log.join("")}`)
        // Sessions of a killed server may still hold its memory.
        await pause(100)
        return await start(tries - 1)
      }
      try {
        psql("SELECT 1")
        return
      } catch {
        await pause(50)
      }
    }
    throw new Error(`Postgres does not answer:\n${log.join("")}`)
  }
  const end = async (signal: NodeJS.Signals) => {
    const ending = server
    server = undefined
    if (ending === undefined || ending.exitCode !== null) return
    ending.kill(signal)
    await once(ending, "exit")
  }
  await start()
  psql("CREATE USER worker PASSWORD 'right'")
  return {
    port,
    folder,
    url: ({ host = "127.0.0.1", schema, user: name = "fovea" } = {}) => {
      const path = schema === undefined ? "" : `?options=${encodeURIComponent(`-c search_path=${schema}`)}`
      return `postgres://${name}@${host}:${port}/postgres${path}`
    },
    query: psql,
    start: () => start(),
    pid: () => server?.pid ?? 0,
    ensure: async () => {
      if (server === undefined || server.exitCode !== null) await start()
    },
    hold: async (seconds) => {
      const args = ["-h", folder, "-p", String(port), "-U", "worker", "-d", "postgres", "-qAtc"]
      const session = spawn(join(bin, "psql"), [...args, `SELECT pg_sleep(${seconds})`], {
        ...options,
        stdio: "ignore"
      })
      await once(session, "exit")
    },
    kill: () => end("SIGKILL"),
    remove: async () => {
      await end("SIGQUIT")
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

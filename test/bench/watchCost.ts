// What it costs a training that its page is open: `node test/bench/watchCost.ts [ROUNDS] [UPDATES]` (5 rounds of 300 updates). The paper's model is
// trained in turns by itself, and with `--watch` and a client that asks for all that an open page asks for; compared are the medians of the
// speeds that the logs tell. On a machine with other work that ratio says little, the processor time that the page's process took (on Linux) a lot. What the page's own drawing takes is left out: it may be looked at from another machine.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const [rounds = 5, updates = 300] = process.argv.slice(2).map(Number)
const main = resolve(import.meta.dirname, "../../src/programs/main.ts")
const folder = mkdtempSync(join(tmpdir(), "fovea-watch-cost-"))

/** Processor milliseconds of the process that serves the page of a run, while it lives; where the system tells. */
const processorMillis = (run: string): number | undefined => {
  const textOf = (path: string): string => {
    try {
      return readFileSync(path, "latin1")
    } catch {
      return ""
    }
  }
  const pids = existsSync("/proc/self/stat") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : []
  const pid = pids.find((one) => textOf(`/proc/${one}/cmdline`).includes(`watch\0${run}\0`))
  if (pid === undefined) return undefined
  const fields = textOf(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? []
  // Ticks of a hundredth of a second, by user and system.
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

/** Milliseconds of processor time a second that pages took. */
const taken: Array<number> = []

/** Asks for what an open page asks for, until the server is gone. */
const follow = async (address: string, run: string): Promise<void> => {
  await (await fetch(`${address}script.js`)).text()
  const [begun, before] = [performance.now(), processorMillis(run)]
  await ask(address, run).catch(() => {})
  const [seconds, after] = [(lastAsked - begun) / 1000, lastMillis]
  if (before !== undefined && after !== undefined) taken.push((after - before) / seconds)
}

let lastAsked = 0
let lastMillis: number | undefined

const ask = async (address: string, run: string): Promise<void> => {
  const news = await fetch(`${address}api/events`)
  const decoder = new TextDecoder()
  for await (const bytes of news.body ?? []) {
    if (!decoder.decode(bytes).includes("event: runs")) continue
    await (await fetch(`${address}api/course?run=.&most=500`)).text()
    await (await fetch(`${address}api/details?run=.`)).text()
    lastAsked = performance.now()
    lastMillis = processorMillis(run)
  }
}

/** Updates a second of a training, by its log. */
const speedOf = (run: string, watched: boolean): Promise<number> =>
  new Promise((done, failed) => {
    const out = join(folder, run)
    const settings = ["--preset", "paper", "--updates", String(updates), "--set", "reporting.logEveryUpdates=10"]
    const child = spawn(process.execPath, [main, "train", ...settings, "--out", out, ...(watched ? ["--watch"] : [])], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let isFollowed = false
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const address = /^Watch it at (\S+)$/m.exec(text)?.[1]
      if (address === undefined || isFollowed) return
      isFollowed = true
      follow(address, out).catch(() => {})
    })
    child.on("close", (code) => {
      if (code !== 0) return failed(new Error(`the training ended with ${code}`))
      const records = readFileSync(join(out, "log.jsonl"), "utf8").trim().split("\n")
      const told = records.map((line): { readonly _tag: string; readonly updatesPerSecond: number } => JSON.parse(line))
      // The page's process starts meanwhile, and the first updates are slow.
      const speeds = told.filter(({ _tag }) => _tag === "Progress").map(({ updatesPerSecond }) => updatesPerSecond)
      done(median(speeds.slice(Math.ceil(speeds.length / 3))))
    })
  })

const median = (numbers: ReadonlyArray<number>): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

const [plain, watched]: [Array<number>, Array<number>] = [[], []]
try {
  for (let round = 0; round < rounds; round++) {
    plain.push(await speedOf(`plain-${round}`, false))
    watched.push(await speedOf(`watched-${round}`, true))
    console.log(
      `round ${round + 1}: ${plain.at(-1)?.toFixed(1)} alone, ${watched.at(-1)?.toFixed(1)} updates a second watched`
    )
  }
  const ratio = median(watched) / median(plain)
  console.log(`medians: ${median(plain).toFixed(1)} and ${median(watched).toFixed(1)}, ratio ${ratio.toFixed(3)}`)
  if (taken.length > 0) console.log(`the page's process: ${median(taken).toFixed(1)} ms of processor time a second`)
} finally {
  rmSync(folder, { recursive: true })
}

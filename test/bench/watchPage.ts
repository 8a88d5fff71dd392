// How fluid the page of `fovea watch` is with many runs: `node test/bench/watchPage.ts [RUNS] [LINES]` (200 runs of 50,000 lines). It says
// when the page was first painted, when the list was there, when the curves of all runs were, and which tasks kept the page from
// answering, while logs grow. Its runs are hard links to a few logs; the page and the server cannot tell.
import { appendFile, link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { checkedLine } from "../../src/layers/log/checkedLine.ts"
import { watchRuns } from "../../src/programs/watch/watchRuns.ts"
import { openBrowser } from "../support/browser.ts"

const [runs = 200, lines = 50_000] = process.argv.slice(2).map(Number)
const distinct = 8
const streamedSeconds = 20

const lineOf = (event: object, at: number): string => `${checkedLine({ time: new Date(at).toISOString(), ...event })}\n`

const progressOf = (seed: number, update: number, at: number): string => {
  const noise = Math.sin(update * (1.7 + seed)) + Math.sin(update * 0.013 * (seed + 1))
  const metrics = {
    discriminatorLoss: 1.3 + 0.1 * noise,
    generatorLoss: 0.7 + 20 / (update + 20) + 0.05 * noise,
    realAccuracy: 0.6 + 0.05 * noise,
    generatedAccuracy: 0.7 - 0.05 * noise,
    gradientPenalty: 1 / (update + 1)
  }
  const how = { updatesPerSecond: 40, secondsLeft: 100, epoch: update / 500, totalUpdates: 10 * lines }
  return lineOf({ _tag: "Progress", update, metrics, ...how }, at)
}

const begin = Date.now() - lines * 1000
const logOf = (seed: number): string => {
  const started = {
    name: `run ${seed}`,
    settings: { seed },
    update: 0,
    totalUpdates: 10 * lines,
    backend: "none",
    parameters: 1
  }
  const told = [lineOf({ _tag: "Started", ...started }, begin)]
  for (let i = 1; i < lines; i++) told.push(progressOf(seed, i, begin + i * 1000))
  return told.join("")
}

/** The longest task of a page's main thread in a trace, in milliseconds of processor time: on a busy machine they take longer by the clock. */
const taskMillis = (trace: Buffer): number => {
  const { traceEvents }: { readonly traceEvents: ReadonlyArray<Readonly<Record<string, unknown>>> } = JSON.parse(
    trace.toString()
  )
  const isMain = (event: (typeof traceEvents)[number]): boolean =>
    event["name"] === "thread_name" && JSON.stringify(event["args"]).includes("CrRendererMain")
  const mains = new Set(traceEvents.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`))
  const tasks = traceEvents.filter(({ name, pid, tid }) => /RunTask$/.test(String(name)) && mains.has(`${pid} ${tid}`))
  return Math.max(0, ...tasks.map(({ tdur }) => Number(tdur ?? 0) / 1000))
}

const measured = Effect.gen(function* () {
  const root = yield* Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "fovea-watch-"))),
    (folder) => Effect.promise(() => rm(folder, { recursive: true }))
  )
  const logs = Array.from({ length: distinct }, (_, i) => join(root, `run-${String(i).padStart(3, "0")}`, "log.jsonl"))
  yield* Effect.promise(async () => {
    for (let i = 0; i < runs; i++) {
      const folder = join(root, `run-${String(i).padStart(3, "0")}`)
      await mkdir(folder)
      const [own, other] = [logs[i], logs[i % distinct]]
      if (own !== undefined) await writeFile(own, logOf(i))
      else if (other !== undefined) await link(other, join(folder, "log.jsonl"))
    }
  })
  const browser = yield* openBrowser
  const done = yield* Effect.callback<string, Effect.Error<ReturnType<typeof watchRuns>>>((resume) => {
    const announce = (address: string) => Effect.sync(() => resume(Effect.succeed(address)))
    // In this process: the server is measured with what it takes from the browser on the same cores.
    Effect.runFork(
      watchRuns({ watched: root, host: "127.0.0.1", port: 0 }, announce).pipe(
        Effect.tapCause((cause) => Effect.sync(() => resume(Effect.failCause(cause)))),
        Effect.provide(NodeServices.layer)
      )
    )
  })
  // From source the script is bundled by the first request; users have it built.
  yield* Effect.promise(() => fetch(`${done}script.js`).then((answer) => answer.text()))
  yield* Effect.promise(async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.addInitScript(`
      window.tasks = [];
      new PerformanceObserver((list) => list.getEntries().forEach(({ startTime, duration }) => window.tasks.push([Math.round(startTime), Math.round(duration)]))).observe({ type: "longtask", buffered: true })
    `)
    const now = (): Promise<number> => page.evaluate("performance.now()")
    const until = async (expression: string): Promise<number> => {
      while (!(await page.evaluate(expression))) await page.waitForTimeout(50)
      return now()
    }
    const tasksFrom = async (from: number): Promise<ReadonlyArray<number>> => {
      const tasks: ReadonlyArray<readonly [number, number]> = await page.evaluate("window.tasks")
      return tasks.filter(([start]) => start >= from).map(([, duration]) => duration)
    }
    const said = (what: string, value: string): void => console.log(`${what.padEnd(52)}${value}`)
    await page.goto(done)
    const listed = await until(`document.querySelectorAll(".run").length === ${runs}`)
    const paint: number = await page.evaluate(`performance.getEntriesByName("first-contentful-paint")[0].startTime`)
    said("first paint", `${Math.round(paint)} ms`)
    said(`list of ${runs} runs`, `${Math.round(listed)} ms`)
    const drawn = await until(`document.querySelectorAll(".plot canvas").length > 1`)
    said("first curves (4 runs)", `${Math.round(drawn)} ms`)
    await page.waitForTimeout(3000)
    said("longest task until then", `${Math.max(0, ...(await tasksFrom(0)))} ms`)
    const asked = await now()
    let courses = 0
    page.on("response", (response) => {
      if (response.url().includes("/api/course")) courses++
    })
    await page.getByRole("button", { name: "All" }).click()
    while (courses < runs - 4) await page.waitForTimeout(100)
    said(`curves of all ${runs} runs`, `${(((await now()) - asked) / 1000).toFixed(1)} s`)
    said("long tasks while they were read", (await tasksFrom(asked)).join(" ") || "none")
    await page.waitForTimeout(5000)
    const streamed = await now()
    await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] })
    for (let second = 0; second < streamedSeconds; second++) {
      for (const [seed, log] of logs.entries()) {
        for (let i = 0; i < 10; i++) await appendFile(log, progressOf(seed, lines + second * 10 + i, Date.now()))
      }
      await page.waitForTimeout(1000)
    }
    const cpu = taskMillis(await browser.stopTracing())
    const long = await tasksFrom(streamed)
    said(
      `tasks over 50 ms in ${streamedSeconds} s of streaming to all runs`,
      `${long.length}, longest ${Math.max(0, ...long)} ms`
    )
    said("of processor time alone, whatever else runs here", `longest ${cpu.toFixed(1)} ms`)
    const asking = await now()
    await page.locator("#filter").fill("run-19")
    said(
      "an answer to a key while it streams",
      `${Math.round((await until(`document.querySelectorAll(".run").length < ${runs}`)) - asking)} ms`
    )
    if (process.env["SCREENSHOT"] !== undefined) await page.screenshot({ path: process.env["SCREENSHOT"] })
    const { heapUsed, rss } = process.memoryUsage()
    said(
      "memory of the server, with what made the logs",
      `${Math.round(heapUsed / 2 ** 20)} MiB used, ${Math.round(rss / 2 ** 20)} MiB in all`
    )
  })
})

await Effect.runPromise(Effect.scoped(measured))
process.exit(0)

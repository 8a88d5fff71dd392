import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { uniform } from "../../src/domain/random/noise.ts"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import { mainFile, pause, type SmallRun, stateOf, updatesIn, withSmallRun } from "./smallRun.ts"

const reporting = { logEveryUpdates: 1, checkpointEveryEpochs: 10, picturesEveryEpochs: 1000 }

/** A way in which what a training prints gets lost. */
interface Loss {
  readonly what: string
  /** Shell in which `"$@"` is the command: it has to write the command's exit code to the file `$CODE`. */
  readonly script: (millis: number) => string
  /** What the run's log has to say of it; none where what is printed may fit into what the system holds for a reader. */
  readonly told?: RegExp
  /** Whether the short version has it: one way of each kind (the reader leaves, the disk is full, the reader reads nothing). */
  readonly short?: boolean
}

const run = '("$@"; echo $? > "$CODE")'

const losses: ReadonlyArray<Loss> = [
  {
    what: "standard output whose reader leaves at a random moment",
    script: (millis) => `${run} | (sleep ${0.3 + millis / 1000}; head -c 1)`,
    short: true
  },
  {
    what: "standard output whose reader is gone before it begins",
    script: () => `${run} | true`,
    told: /standard output failed to record Started: write EPIPE/
  },
  {
    what: "standard output and error on a full disk",
    script: () => `${run} > /dev/full 2> /dev/full`,
    told: /standard output failed to record Started: ENOSPC/,
    short: true
  },
  {
    what: "standard output and error closed, and no standard input",
    script: () => `${run} >&- 2>&- <&-`
  },
  {
    what: "a full pipe whose reader reads nothing until the run is over",
    // What a pipe holds on Linux. Where it holds less, the rest of it waits for a second.
    script: () =>
      `(timeout 1 head -c 65536 /dev/zero; ${run}) | (while ! [ -s "$CODE" ]; do sleep 0.1; done; sleep 0.1)`,
    short: true
  }
]

/** Runs the command in a shell, and gives the exit code that the shell saw. */
const codeOf = (small: SmallRun, name: string, script: string): Promise<string> =>
  new Promise((resolve) => {
    const file = join(small.folder, `${name}.code`)
    const command = [process.execPath, mainFile, ...small.train(name)]
    const child = spawn("sh", ["-c", script, "sh", ...command], {
      stdio: "ignore",
      env: { ...process.env, CODE: file }
    })
    child.on("close", () => resolve(existsSync(file) ? readFileSync(file, "utf8").trim() : "none"))
  })

/** Trainings that lose their output are to end as the one that kept it. */
const lost = (
  ways: ReadonlyArray<Loss>,
  { epochs, times }: { readonly epochs: number; readonly times: number },
  draw: () => number
): Promise<ReadonlyArray<FaultCount>> =>
  withSmallRun({ training: { epochs }, reporting }, async (small) => {
    const end = epochs * 6
    await codeOf(small, "whole", run)
    const whole = stateOf(join(small.folder, "whole/checkpoints"), end)
    const counts: Array<FaultCount> = []
    for (const { what, script, told } of ways) {
      if (script(0).includes("/dev/full") && !existsSync("/dev/full")) {
        counts.push({ what, tried: 0, losses: 0, note: "skipped: there is no /dev/full here" })
        continue
      }
      const problems: Array<string> = []
      for (let i = 0; i < times; i++) {
        const name = `${counts.length}-${i}`
        const code = await codeOf(small, name, script(1500 * draw()))
        const folder = join(small.folder, name)
        if (code !== "0") problems.push(`it ended with ${code}`)
        if (updatesIn(join(folder, "checkpoints")).at(-1) !== end) problems.push("the last update is not kept")
        else if (!stateOf(join(folder, "checkpoints"), end).equals(whole)) problems.push("it ended in another state")
        if (existsSync(join(folder, "run.lock"))) problems.push("the lock is left")
        const log = readFileSync(join(folder, "log.jsonl"), "utf8")
        if (told !== undefined && !told.test(log)) problems.push("its log does not say what failed")
      }
      counts.push({ what, tried: times, losses: problems.length, note: problems[0] ?? "ends as without, to the bit" })
    }
    return counts
  })

/** Trainings on a terminal of `script` (util-linux) that is closed: SIGHUP, and every write fails from then on. */
const hangups = (times: number, draw: () => number): Promise<FaultCount> =>
  withSmallRun({ training: { epochs: 100_000 }, reporting }, async (small) => {
    const what = "a terminal that is closed at a random moment"
    if (process.platform !== "linux" || !existsSync("/usr/bin/script")) {
      return { what, tried: 0, losses: 0, note: "skipped: there is no script(1) here" }
    }
    const problems: Array<string> = []
    for (let i = 0; i < times; i++) {
      const folder = join(small.folder, `run-${i}`)
      const code = join(small.folder, `${i}.code`)
      const command = [process.execPath, mainFile, ...small.train(`run-${i}`)].join(" ")
      // The system hangs up on the terminal's first process, and on the others when that has ended: of these, one writes down the code.
      const inner = `(trap '' HUP; ${command}; echo $? > ${code}); true`
      const terminal = spawn("/usr/bin/script", ["-qc", inner, "/dev/null"], { stdio: "ignore" })
      const until = performance.now() + 60_000
      const log = () => (existsSync(join(folder, "log.jsonl")) ? readFileSync(join(folder, "log.jsonl"), "utf8") : "")
      while (!log().includes("Progress") && performance.now() < until) await pause(20)
      await pause(500 * draw())
      terminal.kill("SIGKILL")
      while (!existsSync(code) && performance.now() < until) await pause(20)
      await pause(50)
      const ended = existsSync(code) ? readFileSync(code, "utf8").trim() : "nothing: it lives on"
      if (ended !== "129") problems.push(`it ended with ${ended}`)
      const update = Number(/"_tag":"Interrupted","update":(\d+)/.exec(log())?.[1])
      if (updatesIn(join(folder, "checkpoints")).at(-1) !== update) problems.push(`update ${update} is not kept`)
      if (existsSync(join(folder, "run.lock"))) problems.push("the lock is left")
    }
    const note = problems[0] ?? "the update in hand is kept, exit code 129"
    return { what, tried: times, losses: problems.length, note }
  })

/** What a run prints is lost in every way there is: no update is. */
export const lostOutputs: FaultPart = {
  name: "lost output",
  run: async ({ size, seed }) => {
    let draws = 0
    const draw = (): number => uniform({ seed, stream: "outputs", step: draws++ }, 1)[0] ?? 0
    const full = size === "full"
    const ways = losses.filter(({ short = false }) => full || short)
    return [
      ...(await lost(ways, full ? { epochs: 40, times: 10 } : { epochs: 10, times: 1 }, draw)),
      await hangups(full ? 20 : 1, draw)
    ]
  }
}

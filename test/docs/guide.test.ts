import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { InferenceSession } from "onnxruntime-node"
import { pages, readExample, readPage, withExamples } from "../../build/guide.ts"

const root = resolve(import.meta.dirname, "../..")
const examples = join(root, "docs/examples")

describe("the pages that show examples", () => {
  for (const page of pages) {
    it(`${page} holds them as they are in their files (else: npm run guide)`, () => {
      const text = readPage(page)
      assert.include(text, "<!-- example: ")
      assert.strictEqual(text, withExamples(text, readExample))
    })
  }

  it("show every example in the guide", () => {
    const guide = readPage("docs/guide.md")
    for (const name of readdirSync(examples)) assert.include(guide, `<!-- example: ${name} -->`)
  })

  it("leave out no more than imports where they say so", () => {
    const text = 'import {\n  a\n} from "a"\nimport type { B } from "b"\n\nconst c = 1\n'
    const shown = withExamples("<!-- example: x.ts without imports -->\n", () => text)
    assert.strictEqual(shown, "<!-- example: x.ts without imports -->\n\n```ts\nconst c = 1\n```\n")
  })
})

describe("the guide's examples run", () => {
  let folder = ""
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fovea-guide-"))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (name: string, ...args: ReadonlyArray<string>) =>
    promisify(execFile)(process.execPath, ["--conditions=fovea-source", join(examples, name), ...args], { cwd: folder })

  it("own-training.ts: trains by its own objective and logs in its own way", async () => {
    const { stdout } = await run("own-training.ts")
    assert.match(stdout, /update 20 .*lossOfD/)
    assert.match(stdout, /ended at update 60/)
  })

  it("own-optimizer.ts: descends by a chain with parts of its own", async () => {
    const { stdout } = await run("own-optimizer.ts")
    const losses = Array.from(stdout.matchAll(/loss (\S+),/g), ([, loss]) => Number(loss))
    assert.strictEqual(losses.length, 4)
    for (const [i, loss] of losses.entries()) assert.isBelow(loss, losses[i - 1] ?? 0.5)
  })

  it("own-data.ts: goes on within an epoch as if it had not stopped, in memory and from a stream", async () => {
    const { stdout } = await run("own-data.ts")
    assert.match(stdout, /^memory: .*the same to the bit\nwaves read piece by piece: .*the same to the bit\n$/)
  })

  it("own-state.ts: moves what learns and leaves what is frozen", async () => {
    const { stdout } = await run("own-state.ts")
    const [, loss] = /^loss (\S+), of the average/.exec(stdout) ?? []
    assert.isBelow(Number(loss), 0.5)
    const endings = Array.from(stdout.matchAll(/^network\.parameters\.(\S+) (\w+)$/gm), ([, path, what]) => [
      path,
      what
    ])
    assert.deepStrictEqual(Object.fromEntries(endings), {
      inputMean: "moved",
      "features.weight": "stayed",
      "features.bias": "stayed",
      "head.weight": "moved",
      "head.bias": "moved"
    })
  })

  it("own-sampler.ts: draws what it is asked for, and exports it with its inputs", async () => {
    const { stdout } = await run("own-sampler.ts")
    const [, centre] = /around (\S+)/.exec(stdout) ?? []
    assert.closeTo(Number(centre), 8, 0.3)
    const session = await InferenceSession.create(join(folder, "points.onnx"))
    assert.deepStrictEqual([[...session.inputNames].sort(), session.outputNames], [["label", "z"], ["x"]])
  })

  it("own-model.ts: trains, draws and measures a model that the library does not have", async () => {
    const { stdout } = await run("own-model.ts")
    const [, before, after] = /bound of the test images: (-\S+) nats, after 480 updates (-\S+)/.exec(stdout) ?? []
    assert.isAbove(Number(after), Number(before) + 10)
    assert.isTrue(existsSync(join(folder, "factors.png")))
  }, 60_000)

  it("reference-in-tests.ts: passes as a test of node's own runner", async () => {
    const { stdout } = await run("reference-in-tests.ts")
    assert.match(stdout, /pass 2/)
  })

  it("choose-backend.ts: says what is there, and fits the same line wherever it runs", async () => {
    const { stdout } = await run("choose-backend.ts", "tfjs-cpu")
    assert.match(stdout, /^onnxruntime +present/m)
    assert.match(stdout, /^tfjs-cpu, shards: 1, w = 2\.0000 -1\.0000$/m)
    assert.match(stdout, /^onnxruntime-cpu, shards: 2, w = 2\.0000 -1\.0000$/m)
  }, 60_000)

  it("sweep.ts: trains every point on SQLite, and goes on from its folders with a queue in memory", async () => {
    const { stdout } = await run("sweep.ts", "sqlite:sweeps.sqlite")
    assert.match(stdout, /^\{"rate":0.03,"units":(8|16)\}: 3 of 3 trained, loss 0\.0\d+ ± 0\.0\d+\n/)
    assert.strictEqual(stdout.match(/"rate":300,"units":\d+\}: 0 of 3 trained/g)?.length, 2)
    assert.strictEqual((await run("sweep.ts")).stdout, stdout)
  }, 60_000)

  it("reproduce-changed.ts, then sample.ts and own-probe.ts from its checkpoint", async () => {
    const { stdout } = await run("reproduce-changed.ts", "run")
    assert.match(stdout, /update 40/)
    assert.isTrue(existsSync(join(folder, "run/figures/steps.png")))
    await run("sample.ts", "run")
    assert.match((await run("own-probe.ts", "run")).stdout, /^z_1 twice as wide: 0\.\d+ of .*\n(z_.*\n){5}$/)
    const png = readFileSync(join(folder, "samples.png"))
    assert.deepStrictEqual([...png.subarray(1, 4)], [...Buffer.from("PNG")])
  }, 60_000)
})

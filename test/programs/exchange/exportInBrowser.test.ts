import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { openOnnx } from "../../layers/exchange/runOnnx.ts"
import { assertClose } from "../../support/assertClose.ts"
import { openBrowser, withoutBrowser } from "../../support/browser.ts"
import { normals } from "../../support/randomNumbers.ts"
import { fovea, inFolder, writeConfig } from "../cli/commandLine.ts"

const absent = withoutBrowser("exported models were not run in a browser")

const engine = fileURLToPath(new URL("../../../node_modules/onnxruntime-web/dist", import.meta.url))

/** A site without a server: every request of the page is answered from these files, and there is no network. */
const site = "https://fovea.test"

const Results = Schema.Record(
  Schema.String,
  Schema.Struct({ shape: Schema.Array(Schema.Int), values: Schema.Array(Schema.Number) })
)

/** What a page does with a model, as text, since what runs in a browser is not checked against Node's types. */
const runInPage = (model: string, input: string, shape: ReadonlyArray<number>, values: Iterable<number>) => `
  (async () => {
    ort.env.wasm.numThreads = 1
    const session = await ort.InferenceSession.create("/exported/${model}", { executionProviders: ["wasm"] })
    const values = Float32Array.from(${JSON.stringify([...values])})
    const results = await session.run({ ${input}: new ort.Tensor("float32", values, ${JSON.stringify(shape)}) })
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [name, { shape: [...dims], values: [...data] }])
    )
  })()`

describe.skipIf(absent)("exported models in a browser", () => {
  it.live(
    "onnxruntime-web in Chromium gives onnxruntime-node's numbers, for more than one batch",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          const run = `${folder}/run`
          const trained = yield* fovea("train", "--config", yield* writeConfig(folder), "--out", run)
          assert.strictEqual(trained.code, 0, trained.stderr)
          const exported = yield* fovea("export", "--checkpoint", run, "--out", `${folder}/exported`, "--trajectory")
          assert.strictEqual(exported.code, 0, exported.stderr)

          const browser = yield* openBrowser
          const page = yield* Effect.promise(() => browser.newPage())
          const complaints: Array<string> = []
          page.on("pageerror", ({ message }) => complaints.push(message))
          page.on("console", (message) => complaints.push(message.text()))
          yield* Effect.promise(async () => {
            await page.route("**/*", (route) => {
              const { origin, pathname } = new URL(route.request().url())
              if (origin !== site) return route.abort()
              if (pathname === "/") {
                const body = '<!doctype html><script src="/engine/ort.wasm.min.js"></script>'
                return route.fulfill({ contentType: "text/html", body })
              }
              const path = pathname.startsWith("/engine/") ? `${engine}${pathname.slice(7)}` : `${folder}${pathname}`
              return route.fulfill({ path })
            })
            await page.goto(`${site}/`)
          })

          const compare = Effect.fnUntraced(function* (model: string, input: string, shape: ReadonlyArray<number>) {
            const values = Float32Array.from(normals(shape[0] ?? 0, input, [...shape]))
            const bytes = yield* fs.readFile(`${folder}/exported/${model}`)
            const { run } = yield* Effect.promise(() => openOnnx(bytes))
            const expected = yield* Effect.promise(() => run({ [input]: tensorData([...shape], values) }))
            const answer = yield* Effect.promise(() => page.evaluate(runInPage(model, input, shape, values)))
            const found = Schema.decodeUnknownSync(Results)(answer)
            assert.deepStrictEqual(Object.keys(found).sort(), Object.keys(expected).sort())
            for (const [name, tensor] of Object.entries(expected)) {
              assert.deepStrictEqual(found[name]?.shape, [...tensor.shape])
              assertClose(found[name]?.values ?? [], tensor.values, 1e-5, `${model} ${name} of ${shape[0]}`)
            }
          })
          for (const batch of [1, 7]) {
            yield* compare("generator.onnx", "z", [batch, 2, 3])
            yield* compare("discriminator.onnx", "images", [batch, 1, 6, 5])
          }
          assert.deepStrictEqual(complaints, [])
        })
      ),
    120_000
  )
})

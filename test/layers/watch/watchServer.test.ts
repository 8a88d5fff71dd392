import { type IncomingHttpHeaders, request } from "node:http"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { checkedLine } from "../../../src/layers/log/checkedLine.ts"
import { folderSource } from "../../../src/layers/watch/folderSource.ts"
import { layerHttpServer, listeningPort } from "../../../src/layers/watch/httpServer.ts"
import { layerWatchedRuns } from "../../../src/layers/watch/WatchedRuns.ts"
import { layerWatchServer } from "../../../src/layers/watch/watchServer.ts"

const page = { html: "<!doctype html><title>runs</title>", style: "", script: Effect.succeed("") }

const lineOf = (event: TrainingEvent): string =>
  `${checkedLine({ time: new Date(Date.now()).toISOString(), ...event })}\n`
const started: TrainingEvent = {
  _tag: "Started",
  name: "<b>mine</b>",
  settings: { seed: 1 },
  update: 0,
  totalUpdates: 100,
  backend: "reference",
  parameters: 7
}
const progress = (update: number): TrainingEvent => ({
  _tag: "Progress",
  update,
  totalUpdates: 100,
  epoch: update / 10,
  metrics: { loss: 1 / update },
  updatesPerSecond: 5,
  secondsLeft: 1
})
const png = Uint8Array.from(
  Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==", "base64")
)

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A folder with the run `a/b`, and a server for it; `ask` is a request to it, as any program can make one. */
const served = Effect.fnUntraced(function* (token?: string) {
  const fs = yield* FileSystem.FileSystem
  const root = `${yield* fs.makeTempDirectoryScoped()}/runs`
  const folder = `${root}/a/b`
  yield* fs.makeDirectory(`${folder}/figures`, { recursive: true })
  yield* fs.writeFileString(`${folder}/log.jsonl`, lineOf(started) + lineOf(progress(10)))
  yield* fs.writeFile(`${folder}/figures/samples.png`, png)
  const server = layerWatchServer(page, { host: "127.0.0.1", token }).pipe(
    Layer.provide(layerWatchedRuns(folderSource(root))),
    Layer.provideMerge(layerHttpServer({ host: "127.0.0.1", port: 0 }))
  )
  const port = yield* Effect.provideContext(listeningPort, yield* Layer.build(server))
  const ask = (
    path: string,
    { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {}
  ) =>
    Effect.promise(
      () =>
        new Promise<Answer>((resolve, reject) => {
          const asked = request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
            let text = ""
            answer.setEncoding("latin1").on("data", (part: string) => {
              text += part
              // News never end by themselves.
              if (path === "/api/events") answer.destroy()
            })
            answer.on("close", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
          })
          asked.on("error", reject)
          asked.end(body)
        })
    )
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    ask(path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } })
  return { fs, root, folder, port, ask, post }
})

const live = <A, E>(effect: Effect.Effect<A, E, import("effect/Scope").Scope | NodeServices.NodeServices>) =>
  effect.pipe(Effect.provide(NodeServices.layer))

describe("the server of the page that follows runs", () => {
  it.live("tells of runs, their course, details and images", () =>
    live(
      Effect.gen(function* () {
        const { ask } = yield* served()
        const news = yield* ask("/api/events")
        assert.match(news.text, /^event: runs\n/)
        const told = JSON.parse(/data: (.*)\n/.exec(news.text)?.[1] ?? "")
        assert.deepInclude(told.changed[0].summary, { id: "a/b", name: "<b>mine</b>", state: "running", update: 10 })
        const course = JSON.parse((yield* ask("/api/course?run=a%2Fb&most=50")).text)
        assert.deepStrictEqual(course.course.metrics.loss.mean, [0.1])
        const details = JSON.parse((yield* ask("/api/details?run=a%2Fb")).text)
        assert.deepInclude(details, { settings: { seed: 1 }, others: ["figures/samples.png"], notes: "" })
        const image = yield* ask("/api/image?run=a%2Fb&file=figures/samples.png")
        assert.strictEqual(image.headers["content-type"], "image/png")
        assert.strictEqual(image.text.length, png.length)
      })
    )
  )

  it.live("lets nothing in from other sites, and nothing out of them", () =>
    live(
      Effect.gen(function* () {
        const { ask, port } = yield* served()
        for (const path of ["/", "/api/events", "/api/course?run=a%2Fb", "/nothing"]) {
          assert.strictEqual((yield* ask(path, { headers: { host: `evil.example:${port}` } })).status, 403)
          assert.strictEqual((yield* ask(path, { headers: { origin: "http://evil.example" } })).status, 403)
        }
        const { headers, status } = yield* ask("/")
        assert.strictEqual(status, 200)
        assert.match(String(headers["content-security-policy"]), /^default-src 'none'; script-src 'self'/)
        assert.strictEqual(headers["x-content-type-options"], "nosniff")
        assert.isUndefined(headers["access-control-allow-origin"])
      })
    )
  )

  it.live("reads no file that is not the run's: by its name, its links or its content", () =>
    live(
      Effect.gen(function* () {
        const { ask, fs, root, folder } = yield* served()
        yield* fs.writeFile(`${root}/../secret.png`, png)
        yield* fs.symlink(`${root}/../secret.png`, `${folder}/figures/link.png`)
        yield* fs.symlink(`${root}/..`, `${folder}/figures/out`)
        yield* fs.writeFileString(`${folder}/figures/script.png`, "<script>")
        for (const file of [
          "../../../secret.png",
          "figures/../../../../secret.png",
          "figures/link.png",
          "figures/out/secret.png",
          "/etc/passwd",
          "figures/script.png",
          "log.jsonl",
          "..\\..\\secret.png",
          "figures/%00samples.png",
          ""
        ]) {
          const { status, text } = yield* ask(`/api/image?run=a%2Fb&file=${encodeURIComponent(file)}`)
          assert.strictEqual(status, 422, file)
          assert.notInclude(text, 'secret.png": ')
        }
        for (const run of ["..", "a", "a/b/", "a/b/../b", "/", ""]) {
          assert.strictEqual((yield* ask(`/api/details?run=${encodeURIComponent(run)}`)).status, 404, run)
        }
      })
    )
  )

  it.live("names no file of a folder of figures that is a link to somewhere else", () =>
    live(
      Effect.gen(function* () {
        const { ask, fs, root, folder } = yield* served()
        yield* fs.remove(`${folder}/figures`, { recursive: true })
        yield* fs.makeDirectory(`${root}/../private`)
        yield* fs.writeFile(`${root}/../private/passport.png`, png)
        yield* fs.symlink(`${root}/../private`, `${folder}/figures`)
        assert.deepStrictEqual(JSON.parse((yield* ask("/api/details?run=a%2Fb")).text).others, [])
      })
    )
  )

  it.live("refuses what is no address, rather than fail at it", () =>
    live(
      Effect.gen(function* () {
        const { ask } = yield* served()
        for (const path of ["//", "http://[", "http://a b/", "///:x"]) {
          const { status, headers } = yield* ask(encodeURI(path).replaceAll("%5B", "["))
          assert.include([400, 404], status, path)
          assert.strictEqual(headers["x-content-type-options"], "nosniff")
        }
      })
    )
  )

  it.live("keeps notes with the run, of a bounded size, and from JSON alone", () =>
    live(
      Effect.gen(function* () {
        const { ask, fs, folder, post } = yield* served()
        const path = "/api/notes?run=a%2Fb"
        assert.strictEqual((yield* post(path, JSON.stringify("looks <good>"))).status, 200)
        assert.strictEqual(yield* fs.readFileString(`${folder}/notes.txt`), "looks <good>")
        assert.include((yield* ask("/api/details?run=a%2Fb")).text, "looks <good>")
        assert.strictEqual((yield* post(path, JSON.stringify("x".repeat(70_000)))).status, 422)
        assert.strictEqual((yield* post(path, JSON.stringify("x".repeat(900_000)))).status, 400)
        assert.strictEqual((yield* post(path, "{}")).status, 400)
        assert.strictEqual((yield* post(path, JSON.stringify("form"), { "content-type": "text/plain" })).status, 400)
        assert.strictEqual((yield* post(path, JSON.stringify("evil"), { origin: "http://evil" })).status, 403)
        assert.strictEqual(yield* fs.readFileString(`${folder}/notes.txt`), "looks <good>")
      })
    )
  )

  it.live("hands commands to a run that takes them, and to no other", () =>
    live(
      Effect.gen(function* () {
        const { fs, folder, post } = yield* served()
        const path = "/api/command?run=a%2Fb"
        const refused = yield* post(path, '{"_tag":"Stop"}')
        assert.strictEqual(refused.status, 422)
        assert.match(refused.text, /--allow-commands/)
        yield* fs.makeDirectory(`${folder}/commands`)
        assert.strictEqual((yield* post(path, '{"_tag":"Erase"}')).status, 400)
        assert.strictEqual((yield* post(path, '{"_tag":"Cadence","of":"log","everyUpdates":0}')).status, 400)
        for (let i = 0; i < 20; i++) assert.strictEqual((yield* post(path, '{"_tag":"Checkpoint"}')).status, 200)
        assert.strictEqual((yield* post(path, '{"_tag":"Checkpoint"}')).status, 422)
        const names = yield* fs.readDirectory(`${folder}/commands`)
        assert.strictEqual(names.length, 20)
        assert.strictEqual(yield* fs.readFileString(`${folder}/commands/${names[0]}`), '{"_tag":"Checkpoint"}')
      })
    )
  )

  it.live("answers with a token to whoever has it, and takes it out of the address", () =>
    live(
      Effect.gen(function* () {
        const { ask, port } = yield* served("secret")
        assert.strictEqual((yield* ask("/")).status, 401)
        assert.strictEqual((yield* ask("/?token=wrong")).status, 401)
        const entered = yield* ask("/?token=secret", { headers: { host: "box.example" } })
        assert.strictEqual(entered.status, 303)
        assert.strictEqual(entered.headers.location, "/")
        const cookie = entered.headers["set-cookie"]?.[0] ?? ""
        assert.match(cookie, /HttpOnly/)
        assert.match(cookie, /SameSite=Strict/)
        // By another port of the same host another server may be answering, with a token of its own.
        assert.match(cookie, new RegExp(`^fovea-watch-${port}=`))
        const asked = yield* ask("/", { headers: { cookie: cookie.split(";")[0] ?? "" } })
        assert.strictEqual(asked.status, 200)
      })
    )
  )

  it.live("refuses followers that are too many, and forgets those that go", () =>
    live(
      Effect.gen(function* () {
        const { ask, port } = yield* served()
        const followers = Array.from({ length: 64 }, () => new AbortController())
        yield* Effect.promise(() =>
          Promise.all(followers.map(({ signal }) => fetch(`http://127.0.0.1:${port}/api/events`, { signal })))
        )
        assert.strictEqual((yield* ask("/api/events")).status, 503)
        assert.strictEqual((yield* ask("/")).status, 200)
        for (const follower of followers) follower.abort()
        yield* Effect.sleep("200 millis")
        assert.strictEqual((yield* ask("/api/events")).status, 200)
      })
    )
  )

  it.live("goes on when a run vanishes", () =>
    live(
      Effect.gen(function* () {
        const { ask, fs, folder } = yield* served()
        yield* ask("/api/course?run=a%2Fb")
        yield* fs.remove(folder, { recursive: true })
        assert.strictEqual((yield* ask("/api/course?run=a%2Fb")).status, 200)
        assert.strictEqual((yield* ask("/api/image?run=a%2Fb&file=figures/samples.png")).status, 422)
        assert.strictEqual((yield* ask("/api/events")).status, 200)
      })
    )
  )
})

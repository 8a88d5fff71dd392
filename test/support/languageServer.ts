import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as Schema from "effect/Schema"

const root = resolve(import.meta.dirname, "../..")
/** The compiler, to be run by Node. */
export const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc")

const Message = Schema.Struct({
  id: Schema.optionalKey(Schema.Union([Schema.Number, Schema.String])),
  method: Schema.optionalKey(Schema.String),
  params: Schema.optionalKey(Schema.Unknown),
  result: Schema.optionalKey(Schema.Unknown),
  error: Schema.optionalKey(Schema.Struct({ message: Schema.String }))
})
const decodeMessage = Schema.decodeUnknownSync(Schema.fromJsonString(Message))
const decodeItems = Schema.decodeUnknownSync(Schema.Struct({ items: Schema.Array(Schema.Unknown) }))

const Hover = Schema.NullOr(Schema.Struct({ contents: Schema.Struct({ value: Schema.String }) }))
const Completion = Schema.NullOr(Schema.Struct({ items: Schema.Array(Schema.Struct({ label: Schema.String })) }))
/** Where something is in a document: line and character, both from 0. */
export interface Position {
  readonly line: number
  readonly character: number
}

/** TypeScript's language server, as an editor uses it, with documents of its own that see the sources. */
export interface LanguageServer {
  /** Shows it a document, in place of the one of that name before. */
  readonly open: (name: string, text: string) => void
  /** What an editor shows of the name at a place, as Markdown. */
  readonly hover: (name: string, at: Position) => Promise<string>
  /** The names that an editor offers at a place. */
  readonly completions: (name: string, at: Position) => Promise<ReadonlyArray<string>>
  readonly close: () => Promise<void>
}

/** Starts the language server that comes with the compiler, for documents of these names in a folder of their own. */
export const openLanguageServer = async (names: ReadonlyArray<string>): Promise<LanguageServer> => {
  const folder = mkdtempSync(join(tmpdir(), "fovea-language-server-"))
  const options = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      typeRoots: [join(root, "node_modules/@types")],
      // As for a user who has the packages installed.
      paths: {
        fovea: [join(root, "src/index.ts")],
        "fovea/*": [join(root, "src/*.ts")],
        "effect/*": [join(root, "node_modules/effect/dist/*.d.ts")],
        "@effect/platform-node/*": [join(root, "node_modules/@effect/platform-node/dist/*.d.ts")]
      }
    },
    files: names
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options))
  for (const name of names) writeFileSync(join(folder, name), "export {}\n")

  const server = spawn(process.execPath, [tsc, "--lsp", "--stdio"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] })
  const ended = new Promise<void>((resolve) => server.on("close", () => resolve()))
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error("the language server has ended"))
  })
  const send = (message: object): void => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }
  const receive = (text: string): void => {
    const { id, method, params, result, error } = decodeMessage(text)
    if (id === undefined) return
    // A request of the server's: settings are asked for one by one, everything else is a matter of course.
    if (method === "workspace/configuration") send({ id, result: decodeItems(params).items.map(() => null) })
    else if (method !== undefined) send({ id, result: null })
    else if (error !== undefined) waiting.get(Number(id))?.reject(new Error(error.message))
    else waiting.get(Number(id))?.resolve(result)
  }
  let received = Buffer.alloc(0)
  server.stdout.on("data", (piece: Buffer) => {
    received = Buffer.concat([received, piece])
    for (;;) {
      const headed = received.indexOf("\r\n\r\n")
      if (headed < 0) return
      const length = Number(/Content-Length: (\d+)/i.exec(received.toString("latin1", 0, headed))?.[1])
      if (received.length < headed + 4 + length) return
      const text = received.toString("utf8", headed + 4, headed + 4 + length)
      received = received.subarray(headed + 4 + length)
      receive(text)
    }
  })
  let last = 0
  const request = (method: string, params?: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      last += 1
      waiting.set(last, { resolve, reject })
      send({ id: last, method, ...(params && { params }) })
    })

  const uriOf = (name: string) => pathToFileURL(join(folder, name)).href
  const capabilities = { textDocument: { hover: { contentFormat: ["markdown"] } } }
  await request("initialize", { processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities })
  send({ method: "initialized", params: {} })

  const versions = new Map<string, number>()
  const at = (name: string, position: Position) => ({ textDocument: { uri: uriOf(name) }, position })
  return {
    open: (name, text) => {
      const [uri, version] = [uriOf(name), (versions.get(name) ?? 0) + 1]
      versions.set(name, version)
      if (version === 1) {
        const textDocument = { uri, languageId: "typescript", version, text }
        send({ method: "textDocument/didOpen", params: { textDocument } })
      } else {
        const params = { textDocument: { uri, version }, contentChanges: [{ text }] }
        send({ method: "textDocument/didChange", params })
      }
    },
    hover: async (name, position) => {
      const found = Schema.decodeUnknownSync(Hover)(await request("textDocument/hover", at(name, position)))
      return found?.contents.value ?? ""
    },
    completions: async (name, position) => {
      const found = await request("textDocument/completion", at(name, position))
      return Schema.decodeUnknownSync(Completion)(found)?.items.map(({ label }) => label) ?? []
    },
    close: async () => {
      await request("shutdown")
      send({ method: "exit" })
      await ended
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

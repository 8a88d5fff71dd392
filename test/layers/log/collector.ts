import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"

/** A request that a collector was sent. */
export interface Received {
  readonly path: string | undefined
  readonly type: string | undefined
  readonly key: string | undefined
  readonly body: unknown
}

/** A collector that answers every request with `status` and keeps what it was sent. */
export const collector = (status = 200) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly endpoint: string; readonly received: Array<Received>; readonly close: () => void }>(
      (resume) => {
        const received: Array<Received> = []
        const server = createServer((request, response) => {
          let text = ""
          request.setEncoding("utf8").on("data", (part: string) => {
            text += part
          })
          request.on("end", () => {
            const key = request.headers["x-key"]
            received.push({
              path: request.url,
              type: request.headers["content-type"],
              key: typeof key === "string" ? key : undefined,
              body: JSON.parse(text)
            })
            response.writeHead(status, { "content-type": "application/json" }).end("{}")
          })
        })
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          const close = () => {
            server.closeAllConnections()
            server.close()
          }
          resume(Effect.succeed({ endpoint: `http://127.0.0.1:${port}/`, received, close }))
        })
      }
    ),
    ({ close }) => Effect.sync(close)
  )

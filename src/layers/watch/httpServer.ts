import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/** A server cannot listen where it was told to. */
export class ListenError extends Schema.TaggedError<ListenError>()("ListenError", {
  host: Schema.String,
  port: Schema.Int,
  reason: Schema.String
}) {
  override get message(): string {
    const way = /EADDRINUSE/.test(this.reason) ? " Another program listens there: choose another --port." : ""
    return `Nothing can be served at ${this.host}, port ${this.port}: ${this.reason}.${way}`
  }
}

/** Connections at the same time; further ones are closed at once. */
const mostConnections = 512

/** A server of this machine's own; of port 0 the system chooses one that is free. */
export const layerHttpServer = ({ host, port }: { readonly host: string; readonly port: number }) => {
  const listening = NodeHttpServer.layer(
    () => {
      // Who is slow in asking keeps nobody else from it; answers may take as long as they like.
      const server = createServer({
        headersTimeout: 10_000,
        requestTimeout: 30_000,
        keepAliveTimeout: 5_000,
        // How often it is looked who has been slow; of itself twice a minute.
        connectionsCheckingInterval: 2_000
      })
      server.maxConnections = mostConnections
      return server
    },
    { host, port, gracefulShutdownTimeout: "1 second" }
  )
  const failed = (cause: unknown) =>
    new ListenError({ host, port, reason: cause instanceof Error ? cause.message : String(cause) })
  return Layer.effectContext(Effect.mapError(Layer.build(listening), ({ cause }) => failed(cause)))
}

/** The port that a server listens at. */
export const listeningPort = Effect.map(HttpServer.HttpServer, ({ address }) => ("port" in address ? address.port : 0))

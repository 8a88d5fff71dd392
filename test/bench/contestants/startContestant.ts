import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import type { ContestantName, Reply, Request } from "./Contestant.ts"

/** A contestant's process ended before it answered; what it had to say stands on stderr. */
export class ContestantError extends Schema.TaggedError<ContestantError>()("ContestantError", {
  contestant: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `the process of ${this.contestant} ${this.problem}`
  }
}

/** Starts a contestant's process, which lives as long as the scope, and gets it ready. */
export const startContestant = Effect.fnUntraced(function* (
  name: ContestantName,
  from: { readonly at: number; readonly parameters?: NamedTensors }
) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      fork(fileURLToPath(new URL("./process.ts", import.meta.url)), [name], {
        serialization: "advanced",
        // Programs of the gallery import the library by its name.
        execArgv: ["--conditions=fovea-source"],
        // tfjs greets on stderr; a process that fails says why there, so it is passed on only when asked for.
        stdio: ["ignore", "ignore", process.env["BENCH_VERBOSE"] === undefined ? "ignore" : "inherit", "ipc"]
      })
    ),
    (started) => Effect.sync(() => void started.kill())
  )
  yield* ask(name, child, { kind: "begin", ...from }, "ready")
  return {
    /** Does updates: at least one, then until there are `most` or `seconds` have passed. */
    run: (limit: { readonly most: number; readonly seconds: number }) =>
      ask(name, child, { kind: "run", ...limit }, "ran"),
    parameters: Effect.map(ask(name, child, { kind: "parameters" }, "parameters"), ({ tensors }) => tensors)
  }
})

const ask = <K extends Reply["kind"]>(
  contestant: string,
  child: ChildProcess,
  request: Request,
  expected: K
): Effect.Effect<Extract<Reply, { readonly kind: K }>, ContestantError> =>
  Effect.callback((resume) => {
    const fail = (problem: string) => finish(Effect.fail(new ContestantError({ contestant, problem })))
    const onExit = (code: number | null) => fail(`ended with code ${code}; run again with BENCH_VERBOSE=1 to see why`)
    const onMessage = (message: unknown) => {
      // Only `process.ts` is at the other end of the channel.
      const reply = message as Reply
      if (isKind(reply, expected)) finish(Effect.succeed(reply))
      else fail(`answered "${reply.kind}" where "${expected}" was due`)
    }
    const finish = (result: Effect.Effect<Extract<Reply, { readonly kind: K }>, ContestantError>) => {
      child.off("exit", onExit)
      child.off("message", onMessage)
      resume(result)
    }
    child.once("exit", onExit)
    child.once("message", onMessage)
    child.send(request)
  })

const isKind = <K extends Reply["kind"]>(reply: Reply, kind: K): reply is Extract<Reply, { readonly kind: K }> =>
  reply.kind === kind

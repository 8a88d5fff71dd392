import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerSql as layerSqlCheckpoints } from "../../../src/layers/checkpoint/sql.ts"
import { layerSql as layerSqlLog, readSqlLog } from "../../../src/layers/log/sql.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import type { WriterLease } from "../../../src/layers/queue/leaseGuard.ts"
import { layerSqlRunFiles, RunFiles } from "../../../src/layers/queue/RunFiles.ts"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { LeaseTimes, TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import type { Database } from "../../../src/layers/sql/Database.ts"
import { pointOf, workerOf } from "../../support/queues.ts"
import { checkpointContract, checkpointOf } from "../checkpoint/checkpointContract.ts"
import { logContract } from "../log/logContract.ts"
import { progress } from "../log/trainingEvents.ts"

/**
 * What a database promises that keeps the state of runs: the contracts of checkpoints and logs, and that who lost a lease writes
 * nothing more. `database` builds a new, empty store each time it is built.
 */
export const stateContract = (name: string, database: Layer.Layer<Database, unknown>): void => {
  checkpointContract(`${name}, checkpoints`, layerSqlCheckpoints({ run: "a" }).pipe(Layer.provide(database)))

  logContract(
    `${name}, log`,
    Effect.gen(function* () {
      const store = yield* Layer.build(database)
      return {
        layer: layerSqlLog({ run: "a" }).pipe(Layer.provide(Layer.succeedContext(store))),
        kept: Effect.map(Effect.provideContext(readSqlLog("a"), store), ({ records }) =>
          records.map(({ event }) => event)
        ),
        expected: (events: ReadonlyArray<TrainingEvent>) => events
      }
    }).pipe(Effect.orDie)
  )

  const onStore = <A, E>(
    use: Effect.Effect<A, E, Database | TrainingQueue | FileSystem.FileSystem | Scope.Scope>,
    leaseMillis = 100
  ) =>
    use.pipe(
      Effect.provide(
        layerSql.pipe(
          Layer.provideMerge(database),
          Layer.provideMerge(
            Layer.succeed(LeaseTimes, { lease: Duration.millis(leaseMillis), beat: Duration.millis(50), fruitless: 9 })
          ),
          Layer.provideMerge(NodeServices.layer)
        ),
        { local: true }
      ),
      Effect.scoped
    )

  describe(`${name}: the state of runs in a database`, () => {
    it.live("is not written to by who lost the lease: neither checkpoint nor log nor file", () =>
      onStore(
        Effect.gen(function* () {
          const queue = yield* TrainingQueue
          yield* queue.submit({ name: "s", plan: "{}" }, [pointOf("a")])
          const first = Option.getOrThrow(yield* queue.claim(workerOf("w1")))
          const state = (lease: WriterLease) =>
            Layer.mergeAll(
              layerSqlCheckpoints({ run: "a", lease }),
              layerSqlLog({ run: "a", lease }),
              layerSqlRunFiles({ run: "a", lease })
            )
          const writeAll = (update: number) =>
            Effect.gen(function* () {
              const [store, log, files] = [yield* CheckpointStore, yield* TrainingLog, yield* RunFiles]
              return yield* Effect.all([
                Effect.exit(store.save(checkpointOf(update))),
                Effect.exit(log.record(progress({ update }))),
                Effect.exit(files.put(`update-${update}.png`, Uint8Array.of(update)))
              ])
            })
          const outcomes = Effect.fnUntraced(function* (lease: WriterLease, update: number) {
            const exits = yield* Effect.provide(writeAll(update), state(lease), { local: true })
            return exits.map((exit) => (exit._tag === "Success" ? "written" : String(exit.cause)))
          })
          assert.deepStrictEqual(yield* outcomes(first, 5), ["written", "written", "written"])
          yield* Effect.sleep("200 millis")
          const second = Option.getOrThrow(yield* queue.claim(workerOf("w2")))
          for (const outcome of yield* outcomes(first, 6)) assert.include(outcome, "worker w2 has taken the point over")
          assert.deepStrictEqual(yield* outcomes(second, 7), ["written", "written", "written"])
          yield* queue.cancel("s")
          for (const outcome of yield* outcomes(second, 8)) assert.include(outcome, "its sweep was cancelled")

          yield* Effect.gen(function* () {
            const [store, files] = [yield* CheckpointStore, yield* RunFiles]
            assert.deepStrictEqual(yield* store.list, [5, 7])
            assert.deepStrictEqual(yield* files.list, ["update-5.png", "update-7.png"])
            assert.deepStrictEqual(yield* files.get("update-7.png"), Option.some(Uint8Array.of(7)))
            assert.deepStrictEqual(yield* files.get("update-6.png"), Option.none())
            const { records } = yield* readSqlLog("a")
            assert.deepStrictEqual(
              records.map(({ event }) => event.update),
              [5, 7]
            )
          }).pipe(Effect.provide(state(undefined), { local: true }))
        })
      )
    )

    it.live("keeps the lease of who writes", () =>
      onStore(
        Effect.gen(function* () {
          const queue = yield* TrainingQueue
          yield* queue.submit({ name: "s", plan: "{}" }, [pointOf("a")])
          const lease = Option.getOrThrow(yield* queue.claim(workerOf("w1")))
          yield* Effect.sleep("1600 millis")
          const write = RunFiles.use((files) => files.put("one", new Uint8Array(2_000_000)))
          yield* Effect.provide(write, layerSqlRunFiles({ run: "a", lease }), { local: true })
          assert.deepStrictEqual(yield* queue.claim(workerOf("w2")), Option.none())
        }),
        1500
      )
    )

    it.live("keeps as many checkpoints as it is to, those of other runs apart, and one that is damaged aside", () =>
      onStore(
        Effect.gen(function* () {
          const saved = (run: string, keep: number, updates: ReadonlyArray<number>) =>
            CheckpointStore.use((store) =>
              Effect.andThen(
                Effect.forEach(updates, (update) => store.save(checkpointOf(update))),
                store.list
              )
            ).pipe(Effect.provide(layerSqlCheckpoints({ run, keep, onDamage: "fallback" }), { local: true }))
          assert.deepStrictEqual(yield* saved("a", 2, [1, 2, 3, 4]), [3, 4])
          assert.deepStrictEqual(yield* saved("b", 3, [1]), [1])
          assert.deepStrictEqual(yield* saved("a", 3, [2]), [2, 3, 4])
          const error = yield* Effect.flip(
            CheckpointStore.use((store) => store.save(checkpointOf(1))).pipe(
              Effect.provide(layerSqlCheckpoints({ run: "c", mostBytes: 100 }), { local: true })
            )
          )
          assert.include(error.message, "and 100 are allowed")
          const none = yield* Effect.flip(saved("a", 0, []))
          assert.include(none.message, "keep must be a positive integer, not 0")
        })
      )
    )

    it.live("holds files of any length, and refuses those that are too large or too many", () =>
      onStore(
        Effect.gen(function* () {
          const files = yield* RunFiles
          for (const length of [0, 1, 2 ** 20, 2 ** 20 + 1, 3_000_000]) {
            const bytes = new Uint8Array(length).fill(length % 251)
            yield* files.put("one", bytes)
            assert.deepStrictEqual(yield* files.get("one"), Option.some(bytes))
          }
          const large = yield* Effect.flip(files.put("two", new Uint8Array(4_000_001)))
          assert.include(large.message, "it has 4000001 bytes, and 4000000 are allowed")
          yield* files.put("two", new Uint8Array(1))
          const many = yield* Effect.flip(files.put("three", new Uint8Array(1)))
          assert.include(many.message, "there are 2 files already")
        }).pipe(Effect.provide(layerSqlRunFiles({ run: "a", mostBytes: 4_000_000, mostFiles: 2 }), { local: true }))
      )
    )

    it.live("thins a log that grows beyond its bound, and keeps its course", () =>
      onStore(
        Effect.gen(function* () {
          const events = Array.from({ length: 60 }, (_, update) => progress({ update }))
          yield* TrainingLog.use(({ record }) => Effect.forEach(events, record, { discard: true })).pipe(
            Effect.provide(layerSqlLog({ run: "a", mostBytes: 2000 }), { local: true })
          )
          const { records, tornLines, damagedLines } = yield* readSqlLog("a")
          assert.isBelow(records.length, 40)
          assert.strictEqual(records.at(0)?.event.update, 0)
          assert.strictEqual(records.at(-1)?.event.update, 59)
          assert.deepStrictEqual([tornLines, damagedLines], [[], []])
        })
      )
    )
  })
}

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import { type Retention, retained } from "../../domain/checkpoint/retention.ts"
import { guardedWrite, type WriterLease } from "../queue/leaseGuard.ts"
import { eachPart, joinedParts } from "../sql/byteParts.ts"
import { Database } from "../sql/Database.ts"
import { type Checkpoint, CheckpointError, type CheckpointReason, CheckpointStore } from "./CheckpointStore.ts"
import { checkedRetention } from "./fileSystem.ts"
import { newestOf, type OnDamage } from "./newest.ts"
import { type OnNotFinite, packCheckpoint, readManifest, unpackCheckpoint } from "./packedCheckpoint.ts"

/** Whose checkpoints they are, and how many are kept. */
export interface SqlCheckpointOptions {
  /** The run's name in the database: the id of a point. */
  readonly run: string
  /** By which it may write. Once it is lost, the database refuses every save. */
  readonly lease?: WriterLease
  /** As of the store in files. */
  readonly keep?: number | Retention | undefined
  readonly onDamage?: OnDamage | undefined
  readonly onNotFinite?: OnNotFinite | undefined
  /** The most bytes that one checkpoint may take (1 GiB if not given). */
  readonly mostBytes?: number | undefined
}

/**
 * Checkpoints in a database, for machines that share no disk: the same bytes as the two files of the store in files, saved in one
 * transaction that also looks whether the lease holds, and removes what is not to be kept.
 *
 * Fails with a `CheckpointError` if `keep`, or a number in it, is not a positive integer.
 */
export const layerSql = ({
  run,
  lease,
  keep = 3,
  onDamage = "stop",
  onNotFinite = "refuse",
  mostBytes = 2 ** 30
}: SqlCheckpointOptions): Layer.Layer<CheckpointStore, CheckpointError, Database> =>
  Layer.effect(
    CheckpointStore,
    Effect.gen(function* () {
      const database = yield* Database
      // Of saves at the same time, each in its turn: they replace each other's rows.
      const turn = yield* Semaphore.make(1)
      const { read, sql } = database
      const location = `${database.location} run ${run}`
      const rule = yield* checkedRetention(location, keep)
      const failure = (path: string, reason: CheckpointReason) => new CheckpointError({ path, reason })
      const pathOf = (update: number) => `${location} update ${update}`
      const unreadable = ({ message }: { readonly message: string }) =>
        failure(location, { _tag: "Unreadable", detail: message })

      // Damaged ones that were passed over lie below zero: kept, and not seen.
      const updates = Effect.map(
        sql<{ readonly update_done: number }>`SELECT update_done FROM fovea_checkpoints
          WHERE run = ${run} AND update_done >= 0 ORDER BY update_done`,
        (rows) => rows.map(({ update_done }) => update_done)
      )
      const list = Effect.mapError(read("list checkpoints", updates), unreadable)

      const load = Effect.fnUntraced(function* (update: number): Effect.fn.Return<Checkpoint, CheckpointError> {
        // In one statement, or another process could replace it in between.
        const rows = yield* read(
          "read a checkpoint",
          sql<{ readonly manifest: Uint8Array; readonly content: Uint8Array }>`
            SELECT c.manifest, t.content FROM fovea_checkpoints c
            JOIN fovea_tensors t ON t.run = c.run AND t.update_done = c.update_done
            WHERE c.run = ${run} AND c.update_done = ${update} ORDER BY t.part`,
          mostBytes
        ).pipe(Effect.mapError(unreadable))
        const [first] = rows
        if (first === undefined) return yield* failure(location, { _tag: "NotFound", update, held: yield* list })
        const packed = {
          manifest: joinedParts([first.manifest]),
          tensors: joinedParts(rows.map(({ content }) => content))
        }
        return yield* Effect.fromResult(unpackCheckpoint(update, packed, onNotFinite)).pipe(
          Effect.mapError(({ file, reason }) => failure(`${pathOf(update)} ${file}`, reason))
        )
      })

      let damaged: ReadonlyArray<number> = []
      const passedOver = (updates: ReadonlyArray<number>): void => {
        damaged = updates
      }
      const setAside = Effect.suspend(() =>
        Effect.forEach(damaged, (update) =>
          sql`DELETE FROM fovea_checkpoints WHERE run = ${run} AND update_done = ${-1 - update}`.pipe(
            Effect.andThen(sql`UPDATE fovea_checkpoints SET update_done = ${-1 - update}
            WHERE run = ${run} AND update_done = ${update}`)
          )
        )
      )

      const held = Effect.gen(function* () {
        if (rule.best === undefined) return (yield* updates).map((update) => ({ update, metrics: {} }))
        const rows = yield* sql<{ readonly update_done: number; readonly manifest: Uint8Array }>`
          SELECT update_done, manifest FROM fovea_checkpoints WHERE run = ${run} AND update_done >= 0`
        return rows.map(({ manifest, update_done }) => ({
          update: update_done,
          metrics: Result.match(readManifest(manifest), { onFailure: () => ({}), onSuccess: ({ metrics }) => metrics })
        }))
      })
      const prune = Effect.fnUntraced(function* (saved: number) {
        const all = yield* held
        const stay = retained(rule, all)
        const gone = all.map(({ update }) => update).filter((update) => update !== saved && !stay.has(update))
        if (gone.length > 0) {
          yield* sql`DELETE FROM fovea_checkpoints WHERE run = ${run} AND update_done IN ${sql.in(gone)}`
        }
      })

      const save = Effect.fn("CheckpointStore.save")(function* (checkpoint: Checkpoint) {
        const { update } = checkpoint.description
        const path = pathOf(update)
        const unwritable = (detail: string) => failure(path, { _tag: "Unwritable", detail })
        const { manifest, tensors } = yield* Effect.mapError(
          Effect.fromResult(packCheckpoint(checkpoint, onNotFinite)),
          unwritable
        )
        if (manifest.length + tensors.length > mostBytes) {
          return yield* unwritable(`it takes ${manifest.length + tensors.length} bytes, and ${mostBytes} are allowed`)
        }
        const statements = Effect.gen(function* () {
          yield* setAside
          yield* sql`DELETE FROM fovea_checkpoints WHERE run = ${run} AND update_done = ${update}`
          yield* sql`INSERT INTO fovea_checkpoints (run, update_done, manifest) VALUES (${run}, ${update}, ${manifest})`
          yield* eachPart(
            tensors,
            (part, content) => sql`INSERT INTO fovea_tensors (run, update_done, part, content)
              VALUES (${run}, ${update}, ${part}, ${content})`
          )
          yield* prune(update)
        })
        yield* guardedWrite(database, lease, "save a checkpoint", statements, tensors.length).pipe(
          Effect.mapError(({ message }) => unwritable(message))
        )
        damaged = []
        return { update, path }
      }, turn.withPermit)

      return CheckpointStore.of({
        location,
        save,
        list,
        load: Effect.fn("CheckpointStore.load")(load),
        latest: newestOf(list, load, onDamage === "fallback" ? { passedOver } : undefined)
      })
    })
  )

import { writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { FileReport } from "../../../src/programs/verify/FileState.ts"
import { encodeIdx } from "../../support/encodeIdx.ts"
import { bytesBelow, fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

const flip = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 4
  return copy
}

const id = "0b5c1f6e-9d1f-4a52-8f5b-0123456789ab"

describe("fovea verify", () => {
  it.effect("lists every file of a run with its state, writes nothing, and fails if one is damaged", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const run = `${folder}/run`
        assert.strictEqual((yield* fovea("train", "--config", config, "--tensorboard", "--out", run)).code, 0)
        yield* fs.writeFileString(`${run}/notes.txt`, "mine")
        yield* fs.symlink("/etc", `${run}/elsewhere`)
        yield* fs.makeDirectory(`${run}/checkpoints/.saving-update-00000012-${id}`)
        const before = yield* bytesBelow(`${run}/checkpoints`)
        const sound = yield* fovea("verify", run)
        assert.strictEqual(sound.code, 0, sound.stderr)
        assert.strictEqual(
          sound.stdout
            .replaceAll(/ +/g, " ")
            .replace(/\d+ records/, "n records")
            .replace(/tfevents\S+ (\(.*, )\d+/, "tfevents $1n"),
          [
            `left over checkpoints/.saving-update-00000012-${id} (nothing reads it)`,
            ...["06", "12"].flatMap((update) =>
              ["manifest.json", "tensors.safetensors"].map(
                (name) => `intact checkpoints/update-000000${update}/${name} (checkpoint of update ${Number(update)})`
              )
            ),
            "not checked elsewhere (a link)",
            "intact events.out.tfevents (TensorBoard's, n events)",
            "intact log.jsonl (log of n records)",
            ...["06", "12"].flatMap((update) =>
              ["manifest.json", "tensors.safetensors"].map(
                (name) => `intact milestones/update-000000${update}/${name} (checkpoint of update ${Number(update)})`
              )
            ),
            "not checked notes.txt",
            "13 files: 10 intact, 2 not checked, 1 left over"
          ].join("\n")
        )
        assert.deepStrictEqual(yield* bytesBelow(`${run}/checkpoints`), before)

        const tensors = `${run}/checkpoints/update-00000006/tensors.safetensors`
        yield* fs.writeFile(tensors, flip(yield* fs.readFile(tensors), 100))
        const damaged = yield* fovea("verify", folder)
        assert.match(
          messageOf(damaged),
          /^In .* this is damaged: run\/checkpoints\/update-00000006\/tensors\.safetensors$/
        )
        assert.match(
          damaged.stdout,
          /damaged +run\/checkpoints\/.*update-00000006\/tensors\.safetensors is damaged: expected/
        )
        assert.match(damaged.stdout, /1 damaged, 3 not checked, 1 left over$/)

        const events = (yield* fs.readDirectory(run)).find((name) => name.startsWith("events.")) ?? ""
        yield* fs.writeFile(`${run}/${events}`, flip(yield* fs.readFile(`${run}/${events}`), 20))
        const changed = yield* fovea("verify", run)
        assert.match(changed.stdout, /damaged +events\S+ +\(record 1 \(at byte 0\) does not match its checksum\)/)
      })
    ).pipe(Effect.orDie)
  )

  it.effect("notices checkpoints of several runs in one folder, and none where a run went on for longer", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const [one, other] = [`${folder}/one`, `${folder}/other`]
        const train = (run: string, ...flags: ReadonlyArray<string>) =>
          Effect.map(fovea("train", "--config", config, "--out", run, ...flags), ({ code }) =>
            assert.strictEqual(code, 0)
          )
        yield* train(one)
        yield* train(one, "--epochs", "3")
        assert.strictEqual((yield* fovea("verify", one)).code, 0)
        yield* train(other, "--seed", "5")
        for (const place of ["checkpoints", "milestones"]) {
          const mixed = `${one}/${place}/update-00000006`
          const kept = `${folder}/kept`
          yield* fs.rename(mixed, kept)
          yield* fs.copy(`${other}/${place}/update-00000006`, mixed)
          const ended = yield* fovea("verify", one)
          assert.match(messageOf(ended), new RegExp(`this is damaged: ${place}/update-00000006/manifest\\.json$`))
          assert.match(
            ended.stdout,
            /of another run than (checkpoints|milestones)\/update-00000018: its seed is 5, not \d+\)/
          )
          yield* fs.remove(mixed, { recursive: true })
          yield* fs.rename(kept, mixed)
        }
        assert.strictEqual((yield* fovea("verify", one)).code, 0)
      })
    ).pipe(Effect.orDie)
  )

  it.effect("notices a log that was cut at the end of a line", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const run = `${folder}/run`
        assert.strictEqual((yield* fovea("train", "--config", config, "--out", run)).code, 0)
        const lines = (yield* fs.readFileString(`${run}/log.jsonl`)).split("\n")
        yield* fs.writeFileString(`${run}/log.jsonl`, `${lines.slice(0, 4).join("\n")}\n`)
        const ended = yield* fovea("verify", run)
        assert.match(messageOf(ended), /this is damaged: log\.jsonl$/)
        assert.match(ended.stdout, /it ends at update 3, but there is a checkpoint of update 12/)
      })
    ).pipe(Effect.orDie)
  )

  it.effect("says of data without digests that nothing proves it, and compares it where there are some", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const images = `${folder}/train-images-idx3-ubyte`
        yield* fs.writeFile(images, encodeIdx({ shape: [1, 2, 3], values: new Uint8Array(6) }))
        const unproven = yield* fovea("verify", folder)
        assert.strictEqual(unproven.code, 0)
        assert.match(
          unproven.stdout,
          /^readable +train-images-idx3-ubyte +\(IDX, 1 x 2 x 3; SHA256SUMS beside it would/
        )
        yield* fs.writeFileString(`${folder}/SHA256SUMS`, `${"0".repeat(64)}  train-images-idx3-ubyte\n`)
        const altered = yield* fovea("verify", folder)
        assert.match(messageOf(altered), /this is damaged: train-images-idx3-ubyte/)
        yield* fs.writeFileString(`${folder}/SHA256SUMS`, `${"0".repeat(64)}  ../train-images-idx3-ubyte\n`)
        assert.match(messageOf(yield* fovea("verify", folder)), /this is damaged: SHA256SUMS and 1 more/)
      })
    ).pipe(Effect.orDie)
  )

  it.effect("takes for left over the names that a write leaves, and no others", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        // A run may be called so.
        yield* fs.makeDirectory(`${folder}/mine.tmp/.removing-mine`, { recursive: true })
        yield* fs.makeDirectory(`${folder}/.a.${id}.tmp`)
        yield* fs.makeDirectory(`${folder}/.removing-${id}`)
        for (const name of ["mine.tmp/e.png", "mine.tmp/.removing-mine/a.png", `.a.${id}.tmp/b.png`, "c.tmp"]) {
          yield* fs.writeFileString(`${folder}/${name}`, "no")
        }
        yield* fs.writeFileString(`${folder}/.d.png.${id}.tmp`, "half")
        const { code, stdout } = yield* fovea("verify", folder, "--json")
        assert.strictEqual(code, 1)
        const { files } = JSON.parse(stdout)
        assert.deepStrictEqual(
          files.map(({ path, state }: FileReport) => [path, state]),
          [
            [`.a.${id}.tmp/b.png`, "damaged"],
            [`.d.png.${id}.tmp`, "left over"],
            [`.removing-${id}`, "left over"],
            ["c.tmp", "not checked"],
            ["mine.tmp/.removing-mine/a.png", "damaged"],
            ["mine.tmp/e.png", "damaged"]
          ]
        )
      })
    ).pipe(Effect.orDie)
  )

  // Other systems take no such names.
  it.effect.skipIf(process.platform !== "linux")("says of a name that is not UTF-8 what it is", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe]), Buffer.from(".png")])
        yield* Effect.sync(() => writeFileSync(path, "x"))
        const { code, stdout } = yield* fovea("verify", folder)
        assert.strictEqual(code, 0)
        assert.match(
          stdout,
          /^not checked +\ufffd\ufffd\.png +\(its name is not UTF-8, .*: rename it\)\n1 file: 1 not checked$/
        )
      })
    ).pipe(Effect.orDie)
  )

  it.effect("shows no name that forges a line, moves the cursor or turns the direction of reading", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const name = "a\nintact  b.png\r\u001b[2J\u202egnp.c\u009b1m.png"
        yield* fs.writeFileString(`${folder}/${name}`, "no image")
        const ended = yield* fovea("verify", folder)
        const seen = "a\\nintact  b.png\\r\\u001b[2J\\u202egnp.c\\u009b1m.png"
        assert.strictEqual(ended.stdout.split("\n").length, 2)
        assert.include(ended.stdout, `damaged      ${seen}  (`)
        assert.include(messageOf(ended), "this is damaged: a\n  intact  b.png\\r\\u001b[2J")
        assert.strictEqual(JSON.parse((yield* fovea("verify", folder, "--json")).stdout).files[0].path, name)
      })
    ).pipe(Effect.orDie)
  )

  it.effect("of what is no folder says so", () =>
    Effect.gen(function* () {
      assert.match(
        messageOf(yield* fovea("verify", "/nowhere")),
        /^\/nowhere cannot be verified: there is no such folder$/
      )
      assert.match(messageOf(yield* fovea("verify", "/dev/null")), /cannot be verified: it is not a folder/)
    })
  )
})

import { PassThrough } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import { flushed, surviveFaultsOf, watchFaultsOf } from "../../../src/layers/process/standardStreams.ts"

const broken = (code: string): Error => Object.assign(new Error(`write ${code}`), { code })

describe("a standard stream that is looked after", () => {
  it("may fail, and the first fault is remembered", () => {
    const stream = new PassThrough()
    assert.throws(() => stream.emit("error", broken("EPIPE")), /EPIPE/)
    surviveFaultsOf(stream)
    surviveFaultsOf(stream)
    assert.strictEqual(stream.listenerCount("error"), 1)
    stream.emit("error", broken("EPIPE"))
    const watched = watchFaultsOf(stream)
    assert.isUndefined(watched.fault())
    stream.emit("error", broken("ENOSPC"))
    stream.emit("error", broken("EPIPE"))
    assert.strictEqual(watched.fault()?.message, "write ENOSPC")
  })

  it("is waited for until its reader has taken what was written, or as long as is said", async () => {
    const stream = new PassThrough({ writableHighWaterMark: 1, readableHighWaterMark: 1 })
    let done = false
    stream.write("one")
    stream.write("two")
    await flushed(stream, 20)
    assert.isAbove(stream.writableLength, 0)
    const whole = flushed(stream).then(() => {
      done = true
    })
    await flushed(stream, 20)
    assert.isFalse(done)
    stream.resume()
    await whole
    assert.strictEqual(stream.writableLength, 0)
  })
})

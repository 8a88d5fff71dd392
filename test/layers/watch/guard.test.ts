import { assert, describe, it } from "@effect/vitest"
import { type Asked, ownHosts, refusalOf, sameSecret } from "../../../src/layers/watch/guard.ts"

const open = { hosts: ownHosts(7000, "127.0.0.2"), token: undefined }
const asked = (of: Partial<Asked>): Asked => ({
  method: "GET",
  host: "127.0.0.1:7000",
  origin: undefined,
  site: undefined,
  mode: undefined,
  token: undefined,
  ...of
})
const status = (guard: typeof open | { hosts: ReadonlyArray<string>; token: string }, of: Partial<Asked>) =>
  refusalOf(guard, asked(of))?.status

describe("the guard of a server", () => {
  it("answers this machine under its own names", () => {
    for (const host of ["127.0.0.1:7000", "localhost:7000", "LOCALHOST:7000", "[::1]:7000", "127.0.0.2:7000"]) {
      assert.isUndefined(status(open, { host }))
    }
    assert.isUndefined(status(open, { origin: "http://127.0.0.1:7000", site: "same-origin", method: "POST" }))
  })

  it("refuses other names (DNS rebinding), ports and none", () => {
    for (const host of ["evil.example", "evil.example:7000", "127.0.0.1", "127.0.0.1:7001", "", undefined]) {
      assert.strictEqual(status(open, { host }), 403, host)
    }
  })

  it("refuses other origins, and other sites' requests, but not a link that is followed", () => {
    for (const origin of ["http://evil.example", "null", "https://127.0.0.1:7000", "http://localhost:7000"]) {
      assert.strictEqual(status(open, { origin }), 403, origin)
    }
    assert.strictEqual(status(open, { site: "cross-site", mode: "no-cors" }), 403)
    assert.strictEqual(status(open, { site: "same-site", mode: "cors" }), 403)
    assert.strictEqual(status(open, { site: "cross-site", mode: "navigate", method: "POST" }), 403)
    assert.isUndefined(status(open, { site: "cross-site", mode: "navigate" }))
  })

  it("asks for the token wherever there is one", () => {
    const guarded = { hosts: [], token: "secret" }
    assert.strictEqual(status(guarded, { host: "box:80" }), 401)
    assert.strictEqual(status(guarded, { host: "box:80", token: "secreT" }), 401)
    assert.isUndefined(status(guarded, { host: "box:80", token: "secret" }))
    assert.strictEqual(status(guarded, { host: "box:80", token: "secret", origin: "http://evil" }), 403)
    assert.isTrue(sameSecret("a", "a"))
    assert.isFalse(sameSecret("a", ""))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { judgeIntroduction } from "../../../../src/domain/paper/claim/introduction.ts"
import { about, evidence, measuresWith } from "./examples.ts"

/** Systems of which all that the introduction says is so. */
const borneOut = [
  evidence("vae", { measures: measuresWith({ sharpness: about(0.6), greyness: about(1.6) }) }),
  evidence("draw", { measures: measuresWith({ sharpness: about(0.8), greyness: about(1.3) }) }),
  evidence("baseline", {
    measures: measuresWith({ frechetDistance: 12, speckle: about(3), confidence: about(0.9) })
  }),
  evidence("dcgan", { measures: measuresWith({ frechetDistance: 5 }) }),
  evidence("paper", {})
]
const planned = borneOut.map(({ name }) => name)
const verdicts = (experiments: typeof borneOut) =>
  Object.fromEntries(judgeIntroduction(experiments, planned).map(({ id, verdict }) => [id, verdict]))
const changed = (name: string, measures: Parameters<typeof measuresWith>[0]) =>
  verdicts(borneOut.map((one) => (one.name === name ? evidence(name, { measures: measuresWith(measures) }) : one)))

const all = (verdict: string) =>
  Object.fromEntries(["S1", "S2", "S3", "S4", "S5", "S6", "S7"].map((id) => [id, verdict]))

describe("judgeIntroduction", () => {
  it("bears everything out where it is so, with every system's numbers", () => {
    assert.deepStrictEqual(verdicts(borneOut), all("holds"))
    const [ofVae, , ofGans] = judgeIntroduction(borneOut, planned)
    assert.deepStrictEqual(
      ofVae?.measures.map(({ name, value }) => [name, value]),
      [
        ["sharpness relative to real digits, VAE", 0.6],
        ["greyness relative to real digits, VAE", 1.6]
      ]
    )
    assert.strictEqual(ofGans?.measures.length, 4)
    assert.match(ofVae?.reason ?? "", /^The VAE's sharpness must lie below 0\.8 \(broken above 0\.9\) and is 0\.6/)
  })

  it("holds each statement against its own system", () => {
    assert.deepStrictEqual(changed("vae", {}), { ...all("holds"), S1: "does not hold" })
    assert.deepStrictEqual(changed("draw", {}), { ...all("holds"), S2: "unclear" })
    assert.deepStrictEqual(changed("draw", { sharpness: about(1.2), greyness: about(0.8) }), {
      ...all("holds"),
      S2: "does not hold"
    })
    assert.deepStrictEqual(changed("baseline", { frechetDistance: 12, confidence: about(0.99) }), {
      ...all("holds"),
      S5: "does not hold",
      S6: "does not hold"
    })
    assert.deepStrictEqual(changed("dcgan", { frechetDistance: 40, greyness: about(1.5) }), {
      ...all("holds"),
      S3: "does not hold",
      S4: "does not hold"
    })
    assert.deepStrictEqual(changed("paper", { speckle: about(2) }), { ...all("holds"), S7: "does not hold" })
  })

  it.each<readonly [id: string, name: string, measures: Parameters<typeof measuresWith>[0], verdict: string]>([
    ["S1", "vae", { sharpness: about(0.79), greyness: about(1.6) }, "holds"],
    ["S1", "vae", { sharpness: about(0.81), greyness: about(1.6) }, "unclear"],
    ["S1", "vae", { sharpness: about(0.89), greyness: about(1.6) }, "unclear"],
    ["S1", "vae", { sharpness: about(0.91), greyness: about(1.6) }, "does not hold"],
    ["S1", "vae", { sharpness: about(0.6), greyness: about(1.21) }, "holds"],
    ["S1", "vae", { sharpness: about(0.6), greyness: about(1.19) }, "unclear"],
    ["S1", "vae", { sharpness: about(0.6), greyness: about(1.09) }, "does not hold"],
    ["S2", "draw", { sharpness: about(0.94), greyness: about(1.06) }, "holds"],
    ["S2", "draw", { sharpness: about(0.96), greyness: about(1.06) }, "unclear"],
    ["S2", "draw", { sharpness: about(1.01), greyness: about(1.06) }, "does not hold"],
    ["S2", "draw", { sharpness: about(0.94), greyness: about(1.04) }, "unclear"],
    ["S3", "dcgan", { frechetDistance: 5, sharpness: about(0.91), greyness: about(1.09) }, "holds"],
    ["S3", "dcgan", { frechetDistance: 5, sharpness: about(0.89) }, "unclear"],
    ["S3", "dcgan", { frechetDistance: 5, sharpness: about(0.81) }, "unclear"],
    ["S3", "dcgan", { frechetDistance: 5, sharpness: about(0.79) }, "does not hold"],
    ["S3", "dcgan", { frechetDistance: 5, greyness: about(1.19) }, "unclear"],
    ["S3", "dcgan", { frechetDistance: 5, greyness: about(1.21) }, "does not hold"],
    ["S4", "dcgan", { frechetDistance: 11.9 }, "holds"],
    ["S4", "dcgan", { frechetDistance: 12.1 }, "does not hold"],
    ["S5", "baseline", { frechetDistance: 12, speckle: about(1.21) }, "holds"],
    ["S5", "baseline", { frechetDistance: 12, speckle: about(1.19) }, "unclear"],
    ["S5", "baseline", { frechetDistance: 12, speckle: about(1.09) }, "does not hold"],
    ["S6", "baseline", { frechetDistance: 12, confidence: about(0.967) }, "holds"],
    ["S6", "baseline", { frechetDistance: 12, confidence: about(0.973) }, "unclear"],
    ["S6", "baseline", { frechetDistance: 12, confidence: about(0.988) }, "does not hold"],
    ["S7", "paper", { speckle: about(1.09) }, "holds"],
    ["S7", "paper", { speckle: about(1.11) }, "unclear"],
    ["S7", "paper", { speckle: about(1.21) }, "does not hold"]
  ])("turns at its bounds: %s of %s with %o %s", (id, name, measures, verdict) => {
    assert.strictEqual(changed(name, measures)[id], verdict)
  })

  it("is unclear of a system without usable training, and says why", () => {
    const [first] = judgeIntroduction([], planned)
    assert.strictEqual(first?.verdict, "unclear")
    assert.include(first?.reason ?? "", '"vae" has not been trained.')
    const collapsed = judgeIntroduction(
      borneOut.map((one) => (one.name === "dcgan" ? { ...one, collapsed: true } : one)),
      planned
    )
    assert.deepStrictEqual(
      collapsed.filter(({ verdict }) => verdict === "unclear").map(({ id }) => id),
      ["S3", "S4"]
    )
  })

  it("leaves out what is about systems that were not planned", () => {
    const found = judgeIntroduction(borneOut, ["vae", "paper"])
    assert.deepStrictEqual(
      found.map(({ id }) => id),
      ["S1", "S7"]
    )
  })
})

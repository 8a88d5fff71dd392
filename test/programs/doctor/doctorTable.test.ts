import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { doctor } from "../../../src/programs/doctor/doctor.ts"
import { doctorTable } from "../../../src/programs/doctor/doctorTable.ts"

describe("doctorTable", () => {
  it("is a table with a line for each engine, the choice of auto, and what to do about the others", () => {
    const text = doctorTable([
      {
        name: "onnxruntime",
        status: "present",
        version: "1.30.0",
        device: { kind: "cpu", description: "Some CPU" },
        milliseconds: 2.468
      },
      { name: "onnxruntime:cuda", status: "missing", version: "1.30.0", problem: 'no library; run "install"' },
      { name: "tfjs-cpu", status: "failed", problem: "its process ended with signal SIGSEGV" }
    ])
    assert.deepStrictEqual(text.split("\n"), [
      "backend                    version  ms a step  device",
      "onnxruntime       present  1.30.0        2.47  Some CPU",
      "onnxruntime:cuda  missing  1.30.0",
      "tfjs-cpu          FAILED",
      "",
      "auto takes onnxruntime: the native CPU engine; onnxruntime:cuda is not there.",
      "",
      "What is not there, and why:",
      'onnxruntime:cuda: no library; run "install".',
      "tfjs-cpu: its process ended with signal SIGSEGV."
    ])
  })

  it("has no list of faults where there are none", () => {
    assert.notInclude(doctorTable([{ name: "reference", status: "present" }]), "What is not there")
  })
})

describe("doctor", () => {
  it.live(
    "answers for every engine asked for, in order, and what hangs is cut off",
    () =>
      Effect.gen(function* () {
        const found = yield* doctor({ engines: ["reference", "tfjs-wasm"] })
        assert.deepStrictEqual(
          found.map(({ name, status }) => [name, status]),
          [
            ["reference", "present"],
            ["tfjs-wasm", "present"]
          ]
        )
        for (const { milliseconds } of found) assert.isAbove(milliseconds ?? 0, 0.1)
        const [late] = yield* doctor({ engines: ["reference"], limitSeconds: 0.01 })
        assert.match(late?.problem ?? "", /no answer within 0\.01 seconds/)
      }),
    120_000
  )
})

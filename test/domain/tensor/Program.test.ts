import { assert, describe, it } from "@effect/vitest"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { exp } from "../../../src/domain/tensor/elementwise.ts"
import { isUnchanged, makeProgram, ProgramError } from "../../../src/domain/tensor/Program.ts"
import { bernoulliNoise, noise, normalNoise, placeholder, uniformNoise } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"

const [a, b, x] = [placeholder("a", [2]), placeholder("b", [3]), placeholder("x", [2])]

/** A program over state `a`, `b` and input `x` with some parts replaced. */
const made = (
  parts: {
    readonly state?: Readonly<Record<string, Tensor>>
    readonly inputs?: Readonly<Record<string, Tensor>>
    readonly next?: Readonly<Record<string, Tensor>>
    readonly outputs?: Readonly<Record<string, Tensor>>
  } = {}
) =>
  makeProgram<string, string>({
    name: "test",
    state: { a, b },
    inputs: { x },
    next: { a: add(a, x), b },
    outputs: { total: sum(x) },
    ...parts
  })

describe("makeProgram", () => {
  it("refuses a program that computes nothing, but not one that only changes its state or only has outputs", () => {
    assert.throws(() => made({ next: { a, b }, outputs: {} }), ProgramError, /test: computes nothing/)
    // Simplification finds out that adding zero changes nothing.
    assert.throws(() => made({ next: { a: add(a, 0), b }, outputs: {} }), ProgramError, /test: computes nothing/)
    assert.doesNotThrow(() => made({ outputs: {} }))
    assert.doesNotThrow(() => made({ next: { a, b } }))
  })

  it("flattens trees of state to paths and keeps names", () => {
    const program = makeProgram({
      name: "nested",
      state: { outer: { a }, b },
      inputs: { x },
      next: { outer: { a: add(a, x) }, b },
      outputs: { total: sum(x) }
    })
    assert.deepStrictEqual(Object.keys(program.state), ["outer.a", "b"])
    assert.deepStrictEqual(Object.keys(program.next), ["outer.a", "b"])
    assert.deepStrictEqual(Object.keys(program.outputs), ["total"])
    assert.strictEqual(program.name, "nested")
  })

  it("simplifies what is computed, over next state and outputs together", () => {
    const program = made({ next: { a: multiply(exp(a), 1), b }, outputs: { e: exp(placeholder("a", [2])) } })
    assert.strictEqual(program.next["a"], program.outputs["e"])
  })

  it("takes one tensor for several outputs and for the state", () => {
    const y = add(a, x)
    const program = made({ next: { a: y, b }, outputs: { first: y, second: y } })
    assert.strictEqual(program.outputs["first"], program.next["a"])
    assert.strictEqual(program.outputs["second"], program.next["a"])
  })

  const refusals: ReadonlyArray<readonly [string, Parameters<typeof made>[0], RegExp]> = [
    ["state that is computed", { state: { a: exp(a), b } }, /state "a" must be a placeholder, not the result of exp/],
    ["an input that is computed", { inputs: { x: exp(x) } }, /input "x" must be a placeholder, not the result of exp/],
    ["noise as an input", { inputs: { x: normalNoise("z", [2]) } }, /input "x" must be a placeholder.*noise/],
    [
      "one placeholder as state and input",
      { inputs: { x: placeholder("a", [2]) }, outputs: {}, next: { a, b } },
      /state "a" and input "x" are both the placeholder "a"/
    ],
    ["a next state that lacks a path", { next: { a } }, /the next state lacks "b"/],
    ["a next state with a path too many", { next: { a, b, c: x } }, /the next state has "c", which the state has not/],
    ["a next state of another shape", { next: { a: sum(a), b } }, /state "a" has shape \[2\], but its next value \[\]/],
    [
      "an unknown placeholder",
      { outputs: { y: placeholder("unknown", [4]) } },
      /uses the placeholder "unknown" \[4\], which is neither its state nor an input/
    ],
    ["a placeholder of another shape", { outputs: { y: placeholder("x", [5]) } }, /uses the placeholder "x" \[5\]/],
    [
      "one stream drawn in two shapes",
      { outputs: { u: normalNoise("z", [2]), v: normalNoise("z", [3]) } },
      /noise stream "z" is drawn in two ways/
    ],
    [
      "one stream drawn from two distributions",
      { outputs: { u: normalNoise("z", [2]), v: uniformNoise("z", [2]) } },
      /noise stream "z" is drawn in two ways.*normal.*uniform/
    ],
    [
      "one stream drawn with two probabilities",
      { outputs: { u: bernoulliNoise("z", 0.5, [2]), v: bernoulliNoise("z", 0.25, [2]) } },
      /noise stream "z" is drawn in two ways: bernoulli\(0.5\) \[2\] and bernoulli\(0.25\) \[2\]$/
    ],
    [
      "one stream drawn with its examples along two axes",
      { outputs: { u: normalNoise("z", [2, 4]), v: normalNoise("z", [2, 4], 1) } },
      /drawn in two ways: normal \[2, 4\] and normal \[2, 4\] with examples along axis 1$/
    ],
    [
      "one stream drawn for two numbers of examples",
      { outputs: { u: normalNoise("z", [4]), v: noise("z", { kind: "normal" }, [4], 0, 2) } },
      /drawn in two ways: normal \[4\] and normal \[4\] for 2 examples$/
    ]
  ]
  for (const [what, parts, message] of refusals) {
    it(`refuses ${what}`, () => {
      assert.throws(() => made(parts), ProgramError, message)
      assert.throws(() => made(parts), ProgramError, /^test: /)
    })
  }

  it("makes a program of one shard, unless shards are given", () => {
    assert.notProperty(made(), "shards")
  })

  it("refuses two paths for one placeholder", () => {
    const twice = { a, b: placeholder("a", [2]) }
    assert.throws(() => made({ state: twice, next: twice }), ProgramError, /state "a" and state "b" are both/)
  })

  it("allows unused inputs and state, and noise of one stream drawn twice alike", () => {
    const z = () => normalNoise("z", [2])
    const program = made({ outputs: { y: add(z(), z()) } })
    assert.deepStrictEqual(Object.keys(program.inputs), ["x"])
  })
})

describe("isUnchanged", () => {
  it("tells state that keeps its value, by whatever route", () => {
    const program = made({ next: { a: add(multiply(a, 1), 0), b } })
    assert.isTrue(isUnchanged(program, "a"))
    assert.isFalse(isUnchanged(program, "no such path"))
    assert.isTrue(isUnchanged(program, "b"))
    assert.isFalse(isUnchanged(made(), "a"))
    assert.isFalse(isUnchanged(program, "nowhere"))
  })

  it("is false of a path that a program written by hand has on one side only", () => {
    const program = made({ next: { a, b } })
    assert.isFalse(isUnchanged({ ...program, next: {} }, "a"))
    assert.isFalse(isUnchanged({ ...program, state: {} }, "a"))
  })

  it("does not take state that becomes another part of it for unchanged", () => {
    const c = placeholder("c", [2])
    const program = made({ state: { a, b, c }, next: { a: c, b, c: a } })
    assert.isFalse(isUnchanged(program, "a"))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { binarised } from "../../../src/domain/nn/binarise.ts"
import { dropout } from "../../../src/domain/nn/dropout.ts"
import { reparameterize } from "../../../src/domain/objective/variational.ts"
import { type Key, keyAt } from "../../../src/domain/program/Key.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { broadcast } from "../../../src/domain/tensor/broadcast.ts"
import { concatenate } from "../../../src/domain/tensor/movement.ts"
import { ProgramError } from "../../../src/domain/tensor/Program.ts"
import { constant, full } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { stepped } from "./steps.ts"

/** What a program draws with its key. */
const drawing = <O extends string>(draw: (key: Key) => Readonly<Record<O, Tensor>>) =>
  make("draws", { state: {}, step: (_, __, key) => ({ outputs: draw(key) }) })
const drawn = <O extends string>(draw: (key: Key) => Readonly<Record<O, Tensor>>, seed = 0, steps = 1) =>
  stepped(
    drawing(draw),
    {},
    Array.from({ length: steps }, () => ({})),
    seed
  ).outputs

describe("a key", () => {
  it("is taken for its stream by whatever draws from one", () => {
    const x = full([6, 2], 0.5)
    const { byKey, byName } = drawn((key) => ({
      byKey: concatenate([dropout(x, 0.5, key("a")), binarised(x, key("b")), reparameterize(x, x, key("c"))], 0),
      byName: concatenate([dropout(x, 0.5, "a"), binarised(x, "b"), reparameterize(x, x, "c")], 0)
    }))
    assert.deepStrictEqual(byKey, byName)
  })

  it("draws the same numbers by the same path, and others by another", () => {
    const { a, again, byPath, child, other } = drawn((key) => ({
      a: key("z").normal([4]),
      again: key("z").normal([4]),
      byPath: key("x")("y").normal([4]),
      child: key("z")("first").normal([4]),
      other: key("y").normal([4])
    }))
    assert.deepStrictEqual(a, again)
    const values = [a, byPath, child, other].map((data) => data.values.join(" "))
    assert.strictEqual(new Set(values).size, 4)
  })

  it("draws others by another seed and in another step, and the same in the same", () => {
    const z = (key: Key) => ({ z: key("z").normal([4]) })
    assert.deepStrictEqual(drawn(z, 1), drawn(z, 1))
    assert.notDeepEqual(drawn(z, 1), drawn(z, 2))
    assert.notDeepEqual(drawn(z, 1, 1), drawn(z, 1, 2))
  })

  it("draws from the distributions that it says", () => {
    const { normal, uniform, rare } = drawn((key) => ({
      normal: key("n").normal([2000]),
      uniform: key("u").uniform([2000]),
      rare: key("b").bernoulli(0.1, [2000])
    }))
    const meanOf = ({ values }: { readonly values: ArrayLike<number> }) =>
      Array.from(values).reduce((sum, x) => sum + x, 0) / values.length
    assert.closeTo(meanOf(normal), 0, 0.1)
    assert.closeTo(meanOf({ values: normal.values.map((x) => x * x) }), 1, 0.15)
    assert.closeTo(meanOf(uniform), 0.5, 0.05)
    assert.isTrue(uniform.values.every((x) => x >= 0 && x < 1))
    assert.closeTo(meanOf(rare), 0.1, 0.03)
    assert.deepStrictEqual([...new Set(rare.values)].sort(), [0, 1])
  })

  it("draws whole numbers below a bound, and classes by their probabilities", () => {
    const { die, classes } = drawn((key) => ({
      die: key("t").integer(6, [3000]),
      classes: key("c").categorical(broadcast(constant(tensorData([1, 3], Float32Array.of(1, 0, 3))), [2000, 3]))
    }))
    const share = (values: ArrayLike<number>, of: number) =>
      Array.from(values).filter((x) => x === of).length / values.length
    for (let k = 0; k < 6; k++) assert.closeTo(share(die.values, k), 1 / 6, 0.03)
    const column = (k: number) => classes.values.filter((_, i) => i % 3 === k)
    for (const [k, p] of [0.25, 0, 0.75].entries()) assert.closeTo(share(column(k), 1), p, 0.04)
  })

  it("is named: by no empty name, and before it draws", () => {
    assert.throws(() => keyAt("")(""), TypeError, 'a key\'s name is empty (below "")')
    assert.throws(() => keyAt("z")("a")(""), TypeError, 'a key\'s name is empty (below "z/a")')
    for (const draw of [
      (key: Key) => key.normal([2]),
      (key: Key) => key.uniform([2]),
      (key: Key) => key.bernoulli(0.5, [2]),
      (key: Key) => key.integer(2, [2]),
      (key: Key) => key.categorical(full([2, 2], 1))
    ]) {
      assert.throws(
        () => draw(keyAt("")),
        TypeError,
        'name the key before drawing from it: key("z").normal([batch, 8])'
      )
    }
    assert.strictEqual(keyAt("")("a")("b").path, "a/b")
  })

  it("draws in one way: a program that draws a key by two shapes or distributions is refused", () => {
    const twice = 'draws: noise stream "z" is drawn in two ways'
    for (const other of [
      (key: Key) => key("z").normal([3]),
      (key: Key) => key("z").uniform([2]),
      (key: Key) => key("z").bernoulli(0.5, [2])
    ]) {
      assert.throws(() => drawing((key) => ({ a: key("z").normal([2]), b: other(key) })), ProgramError, twice)
    }
    assert.throws(
      () => drawing((key) => ({ a: key("z").bernoulli(0.5, [2]), b: key("z").bernoulli(0.25, [2]) })),
      ProgramError,
      twice
    )
  })
})

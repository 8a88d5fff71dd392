import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  gatherImages,
  type ImageSet,
  imageSet,
  joinImages,
  pixelMarginals,
  pixelMeans,
  selectImages,
  takeImages,
  withMirrored
} from "../../../src/domain/data/Images.ts"

const size = fc.integer({ min: 1, max: 4 })

/** Sets of 1 to 8 images of 1 to 4 channels, rows and columns, with labels. */
const anySet: fc.Arbitrary<ImageSet> = fc
  .record({ count: fc.integer({ min: 1, max: 8 }), channels: size, height: size, width: size })
  .chain((sizes) => {
    const length = sizes.count * sizes.channels * sizes.height * sizes.width
    return fc
      .record({
        pixels: fc.uint8Array({ minLength: length, maxLength: length }),
        labels: fc.uint8Array({ minLength: sizes.count, maxLength: sizes.count })
      })
      .map((bytes) => imageSet({ ...sizes, ...bytes }))
  })

const pair: ImageSet = imageSet({
  count: 2,
  channels: 1,
  height: 2,
  width: 3,
  pixels: Uint8Array.of(0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 1),
  labels: Uint8Array.of(7, 8)
})

describe("imageSet", () => {
  it("throws for bytes or labels that do not fit", () => {
    assert.throws(() => imageSet({ ...pair, count: 3 }), RangeError, "12 bytes are not 3 images")
    assert.throws(() => imageSet({ ...pair, labels: Uint8Array.of(1) }), RangeError, "1 labels do not fit 2 images")
  })
})

describe("a set made by hand whose bytes do not fit its sizes", () => {
  it("is refused by whatever reads its images, rather than filled up with black", () => {
    const message = `${pair.pixels.length - 1} bytes are not 2 images of ${pair.channels} channels, `
    const short: ImageSet = { ...pair, pixels: pair.pixels.subarray(1) }
    for (const use of [
      () => gatherImages(short, [0]),
      () => pixelMeans(short),
      () => pixelMarginals(short, 0),
      () => takeImages(short, 0, 1),
      () => selectImages(short, Uint32Array.of(0)),
      () => joinImages([pair, short])
    ]) {
      assert.throws(use, RangeError, message)
    }
    const unlabelled: ImageSet = { ...pair, labels: Uint8Array.of(1) }
    assert.throws(() => gatherImages(unlabelled, [0]), RangeError, "1 labels do not fit 2 images")
  })
})

describe("gatherImages", () => {
  it("takes images in the order asked for, scaled to [0, 1]", () => {
    const { shape, values } = gatherImages(pair, [1, 0])
    assert.deepStrictEqual(shape, [2, 1, 2, 3])
    const expected = [1, 0, 0, 0, 0, 1 / 255, 0, 0.2, 0.4, 0.6, 0.8, 1]
    assert.deepStrictEqual(Array.from(values), Array.from(Float32Array.from(expected)))
  })

  it("of all indices is the whole set, byte for byte", () => {
    fc.assert(
      fc.property(anySet, (set) => {
        const { values } = gatherImages(
          set,
          Array.from({ length: set.count }, (_, i) => i)
        )
        assert.deepStrictEqual(
          Uint8Array.from(values, (value) => Math.round(value * 255)),
          set.pixels
        )
      })
    )
  })

  it("makes fresh values", () => {
    gatherImages(pair, [0]).values.fill(9)
    assert.strictEqual(gatherImages(pair, [0]).values[0], 0)
  })

  it.each([[2], [-1], [0.5]])("throws for index %d", (index) => {
    assert.throws(() => gatherImages(pair, [index]), RangeError, `no image ${index} in a set of 2`)
  })

  it("throws for no indices", () => {
    assert.throws(() => gatherImages(pair, []), RangeError, "No images")
  })
})

describe("pixelMeans", () => {
  it("is the mean of each pixel", () => {
    const { shape, values } = pixelMeans(pair)
    assert.deepStrictEqual(shape, [1, 2, 3])
    const expected = [0.5, 0.1, 0.2, 0.3, 0.4, 256 / 510]
    assert.deepStrictEqual(Array.from(values), Array.from(Float32Array.from(expected)))
  })

  it("is the image itself for a set of copies, and does not depend on the order", () => {
    fc.assert(
      fc.property(anySet, (set) => {
        const first = takeImages(set, 0, 1)
        const copies = imageSet({
          ...first,
          count: 2,
          labels: undefined,
          pixels: Uint8Array.of(...first.pixels, ...first.pixels)
        })
        assert.deepStrictEqual(pixelMeans(copies).values, gatherImages(set, [0]).values)

        const size = set.pixels.length / set.count
        const backwards = Array.from({ length: set.count }, (_, n) => {
          const from = (set.count - 1 - n) * size
          return [...set.pixels.subarray(from, from + size)]
        })
        assert.deepStrictEqual(pixelMeans({ ...set, pixels: Uint8Array.from(backwards.flat()) }), pixelMeans(set))
      })
    )
  })

  it("throws for an empty set", () => {
    assert.throws(() => pixelMeans(takeImages(pair, 1, 1)), RangeError, "empty set")
  })
})

describe("takeImages", () => {
  it("cuts a set into parts that hold what it holds, without copying", () => {
    fc.assert(
      fc.property(anySet, fc.nat(8), (set, at) => {
        const cut = Math.min(at, set.count)
        const left = imageSet(takeImages(set, 0, cut))
        const right = imageSet(takeImages(set, cut, set.count))
        assert.deepStrictEqual(Uint8Array.of(...left.pixels, ...right.pixels), set.pixels)
        assert.deepStrictEqual(Uint8Array.of(...(left.labels ?? []), ...(right.labels ?? [])), set.labels)
        assert.strictEqual(left.pixels.buffer, set.pixels.buffer)
      })
    )
  })

  it.each([
    [-1, 1],
    [0, 3],
    [2, 1],
    [0.5, 1]
  ])("throws for %d to %d of 2", (from, to) => {
    assert.throws(() => takeImages(pair, from, to), RangeError, `Images ${from} to ${to}`)
  })
})

describe("selectImages and joinImages", () => {
  it("take sets apart and put them together again, labels as well", () => {
    fc.assert(
      fc.property(anySet, fc.nat(8), (set, at) => {
        const middle = Math.min(at, set.count)
        const indices = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i)
        const parts = [selectImages(set, indices(0, middle)), selectImages(set, indices(middle, set.count))]
        assert.deepStrictEqual(joinImages(parts), set)
        assert.deepStrictEqual(parts[0], takeImages(set, 0, middle))
      })
    )
  })

  it("refuse indices outside of a set, no sets, and sets of different sizes", () => {
    assert.throws(() => selectImages(pair, Uint32Array.of(2)), RangeError, "There is no image 2 in a set of 2")
    assert.throws(() => joinImages([]), RangeError)
    assert.throws(() => joinImages([pair, { ...pair, height: 3, width: 2 }]), RangeError)
    for (const size of [
      { channels: 2, height: 1 },
      { channels: 3, width: 1 },
      { height: 1, width: 6 }
    ]) {
      assert.throws(() => joinImages([pair, { ...pair, ...size }]), RangeError, "of one size")
    }
    const without = { ...pair, labels: undefined }
    assert.isUndefined(joinImages([pair, without]).labels)
    assert.isUndefined(selectImages(without, Uint32Array.of(1)).labels)
    // Sets of no images, whose bytes fit any size.
    const none = { ...pair, count: 0, pixels: new Uint8Array(0), labels: new Uint8Array(0) }
    for (const size of [{ channels: 2 }, { height: 5 }, { width: 5 }]) {
      assert.throws(() => joinImages([pair, { ...none, ...size }]), RangeError, "of one size")
    }
  })
})

describe("withMirrored", () => {
  it("adds each image, left for right, behind all of them", () => {
    const { pixels, ...rest } = withMirrored(pair)
    assert.deepStrictEqual(rest, { count: 4, channels: 1, height: 2, width: 3, labels: Uint8Array.of(7, 8, 7, 8) })
    assert.deepStrictEqual([...pixels.subarray(0, 12)], [...pair.pixels])
    assert.deepStrictEqual([...pixels.subarray(12)], [102, 51, 0, 255, 204, 153, 0, 0, 255, 1, 0, 0])
  })

  it("of what it added is the images again", () => {
    fc.assert(
      fc.property(anySet, (set) => {
        const added = takeImages(withMirrored(set), set.count, 2 * set.count)
        assert.deepStrictEqual(imageSet(takeImages(withMirrored(added), set.count, 2 * set.count)).pixels, set.pixels)
      })
    )
  })
})

describe("pixelMarginals", () => {
  const seed = fc.integer({ min: 0, max: 2 ** 31 })

  it("draws each pixel from the same pixel of the set's images, beside their means", () => {
    fc.assert(
      fc.property(anySet, seed, (set, seed) => {
        const { mean, sample } = pixelMarginals(set, seed)
        assert.deepStrictEqual(mean, pixelMeans(set))
        assert.deepStrictEqual(sample.shape, mean.shape)
        const size = sample.values.length
        sample.values.forEach((value, i) => {
          const own = Array.from({ length: set.count }, (_, n) => Math.fround((set.pixels[n * size + i] ?? 0) / 255))
          assert.include(own, value)
        })
      })
    )
  })

  it("differs by its seed in the sample, and not in the mean", () => {
    const many = imageSet({
      count: 16,
      channels: 1,
      height: 4,
      width: 4,
      pixels: Uint8Array.from({ length: 256 }, (_, i) => i),
      labels: undefined
    })
    const drawn = [0, 1, 2].map((seed) => pixelMarginals(many, seed))
    assert.strictEqual(new Set(drawn.map(({ sample }) => sample.values.join())).size, 3)
    for (const { mean } of drawn) assert.deepStrictEqual(mean, pixelMeans(many))
    assert.deepStrictEqual(pixelMarginals(many, 1), drawn[1])
  })
})

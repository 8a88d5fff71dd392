import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { encodeNpy } from "../../../src/domain/data/npy.ts"
import { rastersOf } from "../../../src/domain/image/Raster.ts"
import { featureStatistics } from "../../../src/domain/metrics/featureStatistics.ts"
import { kernelDistance } from "../../../src/domain/metrics/kernelDistance.ts"
import { memorisation } from "../../../src/domain/metrics/memorisation.ts"
import { neighbourhoods } from "../../../src/domain/metrics/neighbourhoods.ts"
import { subsample } from "../../../src/domain/metrics/Rows.ts"
import { resizeImages } from "../../../src/domain/metrics/resizeImages.ts"
import { sharpness } from "../../../src/domain/metrics/sharpness.ts"
import { normalSamples } from "./samples.ts"

describe("samples made by hand", () => {
  it("whose numbers do not fill their shape are refused by every measure, and not taken for zeros", () => {
    const sound = normalSamples(0, "sound", [20, 4])
    const [short, long] = [12, 100].map((count) => ({ shape: [20, 4], values: new Float32Array(count).fill(0.5) }))
    assert.isDefined(short)
    assert.isDefined(long)
    for (const samples of [short, long]) {
      const attempts = [
        featureStatistics(samples),
        kernelDistance(sound, samples),
        neighbourhoods(samples, sound),
        memorisation(sound, samples, sound),
        sharpness({ ...samples, shape: [5, 1, 4, 4] })
      ]
      for (const attempt of attempts) {
        assert.match(
          Result.getOrThrow(Result.flip<unknown, Error>(attempt)).message,
          /holds (12|100) numbers, its shape .* takes 80/
        )
      }
    }
  })

  it("are refused as well where they are resized, chosen from, drawn or written", () => {
    const short = { shape: [4, 1, 4, 4], values: new Float32Array(10) }
    const message = /10 values do not fill a tensor of shape \[4, 1, 4, 4\]/
    assert.throws(() => resizeImages(short, 2, 2), message)
    assert.throws(() => subsample(short, 2, { seed: 0, stream: "chosen", step: 0 }), message)
    assert.throws(() => rastersOf(short), message)
    assert.throws(() => encodeNpy(short), message)
  })
})

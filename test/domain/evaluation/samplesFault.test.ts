import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { featureStatistics } from "../../../src/domain/evaluation/featureStatistics.ts"
import { kernelDistance } from "../../../src/domain/evaluation/kernelDistance.ts"
import { memorisation } from "../../../src/domain/evaluation/memorisation.ts"
import { neighbourhoods } from "../../../src/domain/evaluation/neighbourhoods.ts"
import { sharpness } from "../../../src/domain/evaluation/sharpness.ts"
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
})

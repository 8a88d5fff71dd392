import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { layerReference } from "../../src/layers/backend/reference.ts"
import { modelTrainings } from "../../src/testing/modelLaws.ts"
import { trainFor } from "../../src/testing/smallTrainings.ts"
import { float32UpdateDrift } from "../../src/testing/tolerances.ts"

describe("ten updates", () => {
  for (const [name, make] of Object.entries(modelTrainings)) {
    it.effect(`of ${name} move it a hundred times as far as backends may drift apart`, () =>
      Effect.gen(function* () {
        const training = make()
        const { state } = yield* trainFor(training, 10)
        const players = new Set(
          Object.keys(state).flatMap((path) => path.match(/^(generator|discriminator|trained)/)?.[0] ?? [])
        )
        assert.isAbove(players.size, 0)
        for (const player of players) {
          const moved = Object.entries(state).flatMap(([path, { values }]) =>
            path.startsWith(player)
              ? Array.from(values, (value, i) => Math.abs(value - (training.first[path]?.values[i] ?? value)))
              : []
          )
          assert.isAbove(Math.max(...moved), 100 * float32UpdateDrift, player)
        }
      }).pipe(Effect.provide(layerReference))
    )
  }
})

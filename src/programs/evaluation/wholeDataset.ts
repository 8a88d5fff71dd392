import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { joinImages, takeImages } from "../../domain/dataset/Images.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"

/**
 * A data set as one set of pictures to compare others with, as two folders are compared: all of its pictures, whatever they were kept for.
 * They count as training and as test images, so that looks are relative to them; what needs pictures that are held back
 * (memorisation, the width of a Parzen window) has none.
 */
export const layerWholeDataset = <E, R>(parts: Layer.Layer<Dataset, E, R>): Layer.Layer<Dataset, E, R> =>
  Layer.effect(
    Dataset,
    Effect.map(Dataset, (data) => {
      const all = joinImages([data.training, data.validation, data.test])
      return { ...data, training: all, validation: takeImages(all, 0, 0), test: all }
    })
  ).pipe(Layer.provide(parts))

import { joinImages, takeImages } from "../../domain/data/Images.ts"
import type { Dataset } from "../../layers/dataset/Dataset.ts"

/**
 * A data set as one set of images to compare others with, as two folders are compared: all of its images, whatever they were kept for.
 * They count as training and as test images, so that looks are relative to them; what needs images that are held back
 * (memorisation, the width of a Parzen window) has none. Not for training a classifier, whose accuracy would be that of what it learnt.
 */
export const wholeDataset = (data: Dataset["Service"]): Dataset["Service"] => {
  const all = joinImages([data.training, data.validation, data.test])
  return { ...data, training: all, validation: takeImages(all, 0, 0), test: all }
}

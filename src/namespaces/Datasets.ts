// Implementations of `Dataset`, and how batches are drawn from one.
export { layerCifar10 as cifar10 } from "../layers/dataset/cifar10.ts"
export { layerFashionMnist as fashionMnist } from "../layers/dataset/fashionMnist.ts"
export { layerIdxFolder as idxFolder } from "../layers/dataset/idxFolder.ts"
export { layerMnist as mnist } from "../layers/dataset/mnist.ts"
export { layerSeveralDigits as severalDigits } from "../layers/dataset/severalDigits.ts"
export { layerSynthetic as synthetic } from "../layers/dataset/synthetic.ts"
export { layerImageFolder as imageFolder } from "../layers/onDemand.ts"

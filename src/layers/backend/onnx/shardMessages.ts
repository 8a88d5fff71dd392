import type { NamedTensors } from "../../../domain/tensor/TensorData.ts"

/** What the main thread asks of a shard's worker. Every request is answered once, under its number. */
export type ShardRequest =
  /** Of inputs that lie in the memory. */
  | {
      readonly kind: "step"
      readonly id: number
      readonly noise: { readonly seed: number; readonly step: number }
    }
  | { readonly kind: "readState"; readonly id: number }

/** What a worker answers. It tells of its own accord that it is ready, under the number 0. */
export type ShardAnswer =
  | { readonly kind: "ready"; readonly id: 0 }
  | { readonly kind: "tensors"; readonly id: number; readonly tensors: NamedTensors }
  /** The step was given up because of another shard. */
  | { readonly kind: "abandoned"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly problem: string }

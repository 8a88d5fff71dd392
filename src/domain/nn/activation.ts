import { relu, sigmoid, tanh } from "../tensor/elementwise.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/** Names of the activations: the sigma of eq. 1. */
export const activationNames = ["tanh", "sigmoid", "relu"] as const

/** An elementwise function by its name, as settings have it. */
export type ActivationName = (typeof activationNames)[number]

/** The function of that name, of each element: `[..]` to `[..]`. */
export const activations: Readonly<Record<ActivationName, (x: Tensor) => Tensor>> = { tanh, sigmoid, relu }

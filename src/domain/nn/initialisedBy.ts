import { own } from "../record/own.ts"
import { formatShape, sameShape } from "../tensor/Shape.ts"
import type { NamedTensors } from "../tensor/TensorData.ts"
import { joinPath, mapLeaves, type Tree } from "../tensor/Tree.ts"
import { isParameterSpec, type ParameterSpec } from "./parameter.ts"

/**
 * The same parameters, which begin as these tensors: those of a training before, whose tensors at and below `path` they are. What
 * fine-tuning begins with:
 *
 *     const features = initialisedBy(parameters.features, tensors, "net.parameters.features")
 *     const net = Program.learner({ features, head: linearParameters(64, 10) }, Optim.freeze(["features"], Optim.adam(1e-3)))
 *
 * Throws a `RangeError` that names the path where there is no such tensor, or it has another shape.
 */
export const initialisedBy = <T extends Tree<ParameterSpec>>(parameters: T, tensors: NamedTensors, path: string): T =>
  mapLeaves<ParameterSpec, T>(parameters, isParameterSpec, (spec, below) => {
    const at = joinPath(path, below)
    const found = own(tensors, at)
    if (found === undefined) throw new RangeError(`there is no tensor "${at}" that a parameter could begin as`)
    if (!sameShape(found.shape, spec.shape)) {
      throw new RangeError(
        `"${at}" is ${formatShape(found.shape)}, and the parameter that is to begin as it ${formatShape(spec.shape)}`
      )
    }
    return { ...spec, initialiser: { kind: "values", values: found.values } }
  })

import * as Console from "effect/Console"
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { exportModel } from "../exportModel.ts"
import { checkpointFolder } from "./checkpointFolder.ts"
import { damageFlag } from "./damageFlag.ts"
import { filePath } from "./paths.ts"
import { asUserError } from "./userError.ts"

/** `fovea export`: a trained model as files for other programs. */
export const exportCommand = Command.make(
  "export",
  {
    checkpoint: filePath("checkpoint").pipe(
      Flag.withDescription("folder of a run, or of its checkpoints; the newest is taken")
    ),
    format: Flag.Literals("format", ["onnx"]).pipe(
      Flag.withDescription(
        "onnx (default): generator.onnx, and discriminator.onnx or inference.onnx; standard operators, any batch"
      ),
      Flag.withDefault("onnx")
    ),
    out: filePath("out").pipe(Flag.withDescription("folder to write to; files of the same names are replaced")),
    trajectory: Flag.Boolean("trajectory").pipe(
      Flag.withDescription("the generator also gives its canvases and windows after each step"),
      Flag.withDefault(false)
    ),
    onDamage: damageFlag
  },
  ({ checkpoint, out, trajectory, onDamage }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      const directory = yield* checkpointFolder(checkpoint)
      const paths = yield* exportModel({ directory: out, trajectory }).pipe(
        Effect.provide(layerFileSystem({ directory, onDamage }))
      )
      for (const path of paths) yield* Console.log(path)
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Write a trained model as ONNX files: its generator, and its discriminator or what it infers of pictures."
  )
)

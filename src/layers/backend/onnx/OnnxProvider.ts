import type * as ort from "onnxruntime-node"
import type { Program } from "../../../domain/tensor/Program.ts"
import { encodeOnnxModel } from "./onnxMessages.ts"

/** What is used of ONNX Runtime's library, which is the same in Node and in browsers. */
export type OrtLibrary = Pick<typeof ort, "InferenceSession" | "Tensor">

/** A way for ONNX Runtime to run graphs, which has been tried on a graph of one operator. */
export interface OnnxProvider {
  readonly library: OrtLibrary
  /** What a backend of it is called: `onnxruntime-cpu`, `onnxruntime-cuda`, `onnxruntime-webgpu`. */
  readonly backend: string
  readonly sessionOptions: ort.InferenceSession.SessionOptions
  /** The version of the standard's operators that graphs are written in. */
  readonly operatorSet: number
  /** How it computes convolutions fastest: `LoweringOptions`. */
  readonly convolutions: "operators" | "products"
  /** Whether a program of several shards runs on as many threads. */
  readonly onThreads: boolean
  /** Whether the engine writes results into memory that it is given for them. That in browsers only seems to take it. */
  readonly resultsInPlace: boolean
  /** Whether results can stay on the device and be given to the next step. */
  readonly stateOnDevice: boolean
  /** The same program, of operators that it has sound kernels for. */
  readonly prepared: <Input extends string, Output extends string>(
    program: Program<Input, Output>
  ) => Program<Input, Output>
}

/** Runs a graph of one operator. Throws if that fails, or gives other numbers than it should. */
export const runOneOperator = async (
  { InferenceSession, Tensor }: OrtLibrary,
  options: ort.InferenceSession.SessionOptions
): Promise<void> => {
  const session = await InferenceSession.create(
    encodeOnnxModel({
      name: "one operator",
      nodes: [{ name: "exp", opType: "Exp", domain: "", input: ["x"], output: ["y"], attributes: {} }],
      constants: [],
      inputs: [{ name: "x", shape: [2] }],
      outputs: [{ name: "y", shape: [2] }]
    }),
    options
  )
  try {
    const { y } = await session.run({ x: new Tensor("float32", Float32Array.of(0, 1), [2]) })
    const [one = Number.NaN, e = Number.NaN] = y?.data instanceof Float32Array ? y.data : []
    if (!(Math.abs(one - 1) < 1e-5 && Math.abs(e - Math.E) < 1e-5)) throw new Error(`exp of 0 and 1 gave ${one}, ${e}`)
  } finally {
    await session.release()
  }
}

/** Native messages begin with a file and a signature, and end in blank lines. */
export const firstLine = (cause: unknown): string => {
  const text = (cause instanceof Error ? cause.message : String(cause)).trim().split("\n")[0] ?? ""
  return text.replace(/^\S+:\d+ .* was false\. /, "").replace(/\.$/, "")
}

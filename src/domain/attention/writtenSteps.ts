import { add } from "../tensor/arithmetic.ts"
import { reshape, take } from "../tensor/movement.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { mapRecord } from "../tensor/Tree.ts"
import { type AttentionWindow, type WindowFrame, windowTable } from "./window.ts"
import { write, writeSteps } from "./write.ts"

/** A canvas written in T steps, and how it came about. */
export interface WrittenSteps {
  /** `c_T`, `[batch, channels, B, A]`. */
  readonly canvas: Tensor
  /** `c_0..c_T`, the first as it was given. */
  readonly canvases: ReadonlyArray<Tensor>
  /** The window of step t = 1..T, each `[batch, 5]` (`windowTable`). */
  readonly windows: ReadonlyArray<Tensor>
}

/**
 * `c_t = c_{t-1} + write(w_t)` (eq. 8; DRAW eq. 8), where nothing that is drawn decides what comes next, so that all steps can be written at once
 * (`writeSteps`). `patches` is `[batch * steps, channels, N, N]` and `windows` as many, a sample's steps one after another;
 * `initial` is `[batch or 1, channels, B, A]`.
 */
export const writtenSteps = (
  initial: Tensor,
  patches: Tensor,
  windows: AttentionWindow,
  steps: number,
  frame: WindowFrame
): WrittenSteps => {
  const canvas = add(initial, writeSteps(patches, windows, steps, frame))
  return {
    canvas,
    canvases: canvasesOf(initial, patches, windows, steps, frame).with(steps, canvas),
    windows: stepsOf(windowTable(windows), steps)
  }
}

/** What belongs to each step, `[batch, ..]`, of `[batch * steps, ..]`. */
const stepsOf = (x: Tensor, steps: number): ReadonlyArray<Tensor> => {
  const [rows = 1, ...rest] = x.shape
  const bySample = reshape(x, [rows / steps, steps, ...rest])
  return Array.from({ length: steps }, (_, t) => take(bySample, 1, t))
}

/** The canvas step by step, for those who want to see it. */
const canvasesOf = (
  initial: Tensor,
  patches: Tensor,
  windows: AttentionWindow,
  steps: number,
  frame: WindowFrame
): ReadonlyArray<Tensor> => {
  const windowsAt = mapRecord(windows, (numbers) => stepsOf(numbers, steps))
  const canvases = [initial]
  for (const [t, patch] of stepsOf(patches, steps).entries()) {
    const window = mapRecord(windowsAt, (numbers) => numbers[t] ?? initial)
    canvases.push(add(canvases[t] ?? initial, write(patch, window, frame)))
  }
  return canvases
}

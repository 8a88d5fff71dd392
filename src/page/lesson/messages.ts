import type { TensorData } from "../../domain/tensor/TensorData.ts"

/** What the lesson trains. */
export type LessonName = "plane" | "digits"

/** What a visitor sets. A change of the second group begins the training anew; the others go on from where it is. */
export interface LessonSettings {
  readonly lesson: LessonName
  /** Of Adam, for each player; 0 holds it still. */
  readonly rateOfD: number
  readonly rateOfG: number
  /** How many Gaussians the points in the plane come from. */
  readonly modes: number
  /** Where the canvas of the digits' generator begins: at the mean of the digits, or black. */
  readonly start: "marginals" | "zero"
}

/** What the page tells the worker. */
export type Command =
  | {
      readonly kind: "open"
      readonly engine: Uint8Array
      readonly digits: Uint8Array
      readonly settings: LessonSettings
    }
  | { readonly kind: "settings"; readonly settings: LessonSettings }
  | { readonly kind: "play"; readonly playing: boolean }
  | { readonly kind: "step" }
  | { readonly kind: "reset" }
  /** Updates a second, at most. */
  | { readonly kind: "speed"; readonly perSecond: number }

/** What the worker tells the page. */
export type News =
  | { readonly kind: "frame"; readonly frame: Frame }
  | { readonly kind: "failed"; readonly problem: string }

/** How far a training is, and what it shows. */
export interface Frame {
  readonly lesson: LessonName
  readonly update: number
  readonly perSecond: number
  readonly lossOfD: number
  readonly lossOfG: number
  readonly plane?: {
    /** `[n, 2]` each: the data, and what the generator draws. */
    readonly data: TensorData
    readonly drawn: TensorData
    /** D's probability of being real on a grid of the plane, `[size * size]`, rows from above. */
    readonly field: TensorData
    readonly modes: number
    readonly share: number
  }
  /** `canvases` `[n, T + 1, 1, B, A]` and `windows` `[n, T, 5]`. */
  readonly digits?: { readonly canvases: TensorData; readonly windows: TensorData }
}

import type { Manifest } from "../../../src/domain/checkpoint/Manifest.ts"

/** A manifest as a training run would write it. */
export const manifest: Manifest = {
  format: 1,
  library: { name: "fovea", version: "0.1.0" },
  model: "glimpse",
  update: 500,
  seed: 7,
  settings: { batch: 100, window: { read: 5, write: 5 }, notes: ["é", null, true, 3.75e-4] },
  backend: "reference",
  dataset: { name: "mnist", digests: { "train-images": "a".repeat(64) } },
  metrics: { "discriminator.loss": 1.25, "generator.loss": -0.5 },
  createdAt: "2026-01-31T12:00:00.000Z",
  tensors: { file: "tensors.safetensors", bytes: 1234, sha256: "0123456789abcdef".repeat(4), count: 2 }
}

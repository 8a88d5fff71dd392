"""The preset `paper` trained by JAX alone, to be held against Fovea's trainings: `python twin.py SETUP.json`.

The mathematics of an update are those of the benchmark's peer (`systems.py`, `engines.py`), whose gradients a test holds to Fovea's. All that a
training needs besides is written here anew, by the preset's rules and with NumPy's and JAX's random numbers: the first parameters, the order
of the images, the latents. So a training shares nothing with Fovea's of the same seed but the rules.

The setup names the `folder` to write into, the file and shape of the `images` (bytes), the `seed`, the preset's `model` settings, the `batch`, the `epochs` after which samples are drawn, how many `samples`, and what the peer is told of the system. There come to be
`epoch-12.npy`, float32 [samples, 28, 28] in [0, 1], for each of the epochs; `losses.jsonl`, the means of 50 updates; and `state.npz`, the
training after its last whole epoch, from which the same command goes on. With `updates` in place of `epochs` that many are done, from the
beginning, and `first.safetensors` holds the first parameters and the `losses` [updates, 2]: for the test.
"""

import json
import os
import sys

import jax
import jax.numpy as jnp
import numpy as np
from engines import jax_numerics, jax_training
from model import N, SIDE, T, UNITS, networks
from tensors import save_file

FIRST, LATENTS_OF_SAMPLES = 0, 1
"""Streams of a seed's random numbers, besides the orders of its epochs."""


def first_parameters(model, images, seed):
    """By Fovea's paths: Glorot-uniform weights, zero biases, h_0 normal, c_0 the logits of the pixels' means within [0.01, 0.99]."""
    random = np.random.default_rng([seed, FIRST])

    def glorot(inputs, outputs, scale=1):
        bound = scale * np.sqrt(6 / (inputs + outputs))
        return random.uniform(-bound, bound, (inputs, outputs))

    def linear(path, inputs, outputs, scale=1):
        return {path + ".weight": glorot(inputs, outputs, scale), path + ".bias": np.zeros(outputs)}

    def player(name, inputs):
        return {
            name + ".initialHidden": model["initialHiddenDeviation"] * random.standard_normal((1, UNITS)),
            **linear(name + ".window", UNITS, 5, model["windowScale"]),
            **linear(name + ".rnn.input", inputs, UNITS),
            **linear(name + ".rnn.hidden", UNITS, UNITS),
        }

    mean = np.clip(images.mean(0, dtype=np.float64) / 255, 0.01, 0.99)
    parameters = {
        **player("discriminator", N * N + UNITS),
        **linear("discriminator.output", UNITS, 1),
        **player("generator", model["latentSize"]),
        **linear("generator.patch", UNITS, N * N),
        "generator.initialCanvas": np.log(mean / (1 - mean)).reshape(1, 1, SIDE, SIDE),
    }
    for player, start in (("discriminator", "readingStart"), ("generator", "writingStart")):
        if start in model:
            parameters[player + ".window.bias"][2:4] = model[start]["logVariance"], model[start]["logStride"]
    return {k: v.astype(np.float32) for k, v in parameters.items()}


class Images:
    """Batches in an order that is another one in every epoch; those that make no whole batch at an epoch's end are left out of it."""

    def __init__(self, images, batch, seed):
        self.images, self.batch, self.seed = images, batch, seed
        self.per_epoch = len(images) // batch
        self.epoch = None

    def of(self, update):
        epoch, place = divmod(update, self.per_epoch)
        if epoch != self.epoch:
            self.epoch, self.order = epoch, np.random.default_rng([self.seed, 2 + epoch]).permutation(len(self.images))
        chosen = self.order[place * self.batch : (place + 1) * self.batch]
        return self.images[chosen].reshape(self.batch, 1, SIDE, SIDE) / np.float32(255)


def drawer(latent_size):
    """Samples of a state's generator, float32 [count, 28, 28]."""
    draw, _, _ = networks(jax_numerics())
    sheet = jax.jit(lambda p, key: draw(p, jax.random.normal(key, (T, 500, latent_size))))

    def samples(p, count, seed):
        keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), LATENTS_OF_SAMPLES), -(-count // 500))
        return np.concatenate([np.asarray(sheet(p, key)) for key in keys])[:count]

    return samples


def written(path, write):
    """The file appears whole or not at all."""
    with open(path + ".part", "wb") as file:
        write(file)
    os.replace(path + ".part", path)


def flat(state):
    """A training's state as arrays by name: NumPy's file of it."""
    p, moments, _, t = state
    named = {"parameters": p, "first": {k: m for k, (m, _) in moments.items()}, "second": {k: v for k, (_, v) in moments.items()}}
    return {"t": np.asarray(t), **{f"{part}/{k}": np.asarray(v) for part, tree in named.items() for k, v in tree.items()}}


def unflat(arrays):
    part = lambda name: {k.removeprefix(name + "/"): jnp.array(v) for k, v in arrays.items() if k.startswith(name + "/")}
    first, second = part("first"), part("second")
    return part("parameters"), {k: (first[k], second[k]) for k in first}, {}, jnp.float32(arrays["t"])


def main():
    with open(sys.argv[1]) as file:
        setup = json.load(file)
    folder, seed = setup["folder"], setup["seed"]
    images = np.fromfile(setup["images"]["file"], np.uint8).reshape(setup["images"]["shape"])
    data = Images(images, setup["batch"], seed)
    begin, drawn, update, _ = jax_training(setup["system"])

    @jax.jit
    def step(state, images, k):
        # Away from the streams of the samples.
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), 2), k)
        return update(state, {"images": images, **drawn(key)})

    if "updates" in setup:
        parameters, losses = first_parameters(setup["model"], images, seed), []
        state = begin(parameters)
        for k in range(setup["updates"]):
            state, found = step(state, data.of(k), k)
            losses.append(found)
        save_file({**parameters, "losses": np.array(losses, np.float32)}, f"{folder}/first.safetensors")
        return

    path, log = f"{folder}/state.npz", f"{folder}/losses.jsonl"
    settings = np.array(json.dumps({k: setup[k] for k in ("seed", "model", "batch", "system")}, sort_keys=True))
    if os.path.exists(path):
        with np.load(path) as arrays:
            if arrays["settings"] != settings:
                sys.exit(f"{path} was made with other settings: name another folder, or remove this one")
            state = unflat(dict(arrays))
    else:
        state = begin(first_parameters(setup["model"], images, seed))
    samples = drawer(setup["model"]["latentSize"])
    done = int(state[3])
    last, recent = max(setup["epochs"]) * data.per_epoch, []
    # What was logged after the state was kept is done, and logged, again.
    lines = [line for line in open(log) if json.loads(line)["update"] <= done] if os.path.exists(log) else []
    written(log, lambda file: file.write("".join(lines).encode()))
    for k in range(done, last):
        state, found = step(state, data.of(k), k)
        recent.append(found)
        epoch, rest = divmod(k + 1, data.per_epoch)
        if len(recent) == 50 or rest == 0:
            means = np.array(recent, np.float32).mean(0).tolist()
            with open(log, "a") as file:
                file.write(json.dumps({"update": k + 1, "discriminatorLoss": means[0], "generatorLoss": means[1]}) + "\n")
            recent = []
        if rest == 0:
            if epoch in setup["epochs"]:
                drawn_now = samples(state[0], setup["samples"], seed)
                written(f"{folder}/epoch-{epoch}.npy", lambda file: np.save(file, drawn_now))
            written(path, lambda file: np.savez(file, settings=settings, **flat(state)))
            print(f"twin, seed {seed}: epoch {epoch} of {max(setup['epochs'])}, losses {means[0]:.2f} {means[1]:.2f}", flush=True)


main()

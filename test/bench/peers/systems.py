"""The other systems of the benchmark as an experienced user of JAX or PyTorch writes them, over the functions of `xp` (`engines.py`).

A system is a function of `xp` that gives its players' losses, functions of all parameters `p` by Fovea's paths and of what is `given`: inputs
and random numbers, by Fovea's names. Where both players see the same generated images, `generate` makes them, once, as `given["fake"]`.
"""

import math

from model import N, SIDE, T, UNITS, networks, painter, windows


def affine(p, path, x):
    return x @ p[path + ".weight"] + p[path + ".bias"]


def adversarial(xp, real, fake):
    """Equation 9."""
    return xp.softplus(-real).mean() + xp.softplus(fake).mean()


def paper(xp):
    """A plain recurrent cell: equations 2 to 10."""
    draw, discriminator_loss, generator_loss = networks(xp)

    def d(p, given):
        images = given["images"].reshape(-1, SIDE, SIDE)
        return discriminator_loss(p, images, draw(p, given["discriminator/z"]))

    return {"discriminator": d, "generator": lambda p, given: generator_loss(p, p, given["generator/z"])}


def modern(channels, side):
    """The same model with gated cells, and R1 on real images."""

    def system(xp):
        filterbank = windows(xp, side)
        paint = painter(xp, filterbank, channels, side)

        def gated(h, carried, projected):
            gates = xp.sigmoid(projected[:, : 2 * UNITS] + carried[:, : 2 * UNITS])
            update, reset = gates[:, :UNITS], gates[:, UNITS:]
            candidate = xp.tanh(projected[:, 2 * UNITS :] + reset * carried[:, 2 * UNITS :])
            return candidate + update * (h - candidate)

        def judge(p, images):
            n = images.shape[0]
            h = p["discriminator.initialHidden"]
            for _ in range(T):
                fx, fy, log_gamma = (x[:, None] for x in filterbank(affine(p, "discriminator.window", h)))
                glimpse = xp.exp(log_gamma) * (fy @ (images @ xp.transposed(fx)))
                projected = affine(p, "discriminator.rnn.input", glimpse.reshape(n, channels * N * N))
                h = gated(h, affine(p, "discriminator.rnn.hidden", h), projected)
            return affine(p, "discriminator.output", h).reshape(n)

        def draw(p, latents):
            batch = latents.shape[1]
            projected = affine(p, "generator.rnn.input", latents)
            h = p["generator.initialHidden"]
            states = []
            for t in range(T):
                h = gated(h, affine(p, "generator.rnn.hidden", h), projected[t])
                states.append(h)
            return paint(p, xp.stack(states, 1).reshape(batch * T, UNITS), batch)

        def d(p, given):
            images = given["images"]
            real, slopes = xp.value_and_slopes(lambda x: judge(p, x), images)
            penalty = 5 * (slopes**2).sum() / (2 * images.shape[0])
            return adversarial(xp, real, judge(p, draw(p, given["discriminator/z"]))) + penalty

        def g(p, given):
            return xp.softplus(-judge(p, draw(p, given["generator/z"]))).mean()

        return {"discriminator": d, "generator": g}

    return system


def baseline(xp):
    """Goodfellow 2014: rectifiers against maxout units with dropout."""

    def draw(p, u):
        z = (u - 0.5) * (2 * math.sqrt(3))
        h = xp.relu(affine(p, "generator.hidden1", z))
        return xp.sigmoid(affine(p, "generator.output", xp.relu(affine(p, "generator.hidden2", h))))

    def judge(p, x, given, player):
        def dropped(x, name, keep):
            return x * given[f"{player}/dropout/{name}"] / keep

        def maxout(path, x):
            return xp.amax(affine(p, path, x).reshape(x.shape[0], 240, 5))

        h = dropped(maxout("discriminator.hidden1", dropped(x, "inputs", 0.8)), "hidden1", 0.5)
        h = dropped(maxout("discriminator.hidden2", h), "hidden2", 0.5)
        return affine(p, "discriminator.output", h).reshape(-1)

    def d(p, given):
        real = given["images"].reshape(-1, SIDE * SIDE)
        logits = judge(p, xp.concatenate([real, draw(p, given["discriminator/z"])]), given, "discriminator")
        return adversarial(xp, logits[: real.shape[0]], logits[real.shape[0] :])

    def g(p, given):
        return xp.softplus(-judge(p, draw(p, given["generator/z"]), given, "generator")).mean()

    return {"discriminator": d, "generator": g}


def dcgan(sizes):
    """Radford 2015, of images that halve to `sizes`, the smallest first. Running statistics are not kept, which training does not need."""
    smallest = sizes[0]
    # Whether twice a size is one row and column too many for the next.
    first, second, last = (2 * size - larger for size, larger in zip(sizes, sizes[1:]))

    def system(xp):
        def normalised(p, path, x):
            return xp.batch_norm(x, p[path + ".scale"], p[path + ".shift"])

        def generate(p, given):
            z = 2 * given["discriminator/z"] - 1
            x = (z @ p["generator.project.weight"]).reshape(-1, 128, smallest, smallest)
            x = xp.relu(normalised(p, "generator.project.normalisation", x))
            for layer, odd in (("layer1", first), ("layer2", second)):
                x = xp.enlarge(x, p[f"generator.enlarge.{layer}.kernel"], odd)
                x = xp.relu(normalised(p, f"generator.enlarge.{layer}.normalisation", x))
            x = xp.enlarge(x, p["generator.picture.kernel"], last) + p["generator.picture.bias"]
            return 0.5 * (xp.tanh(x) + 1)

        def judge(p, x):
            x = xp.halve(2 * x - 1, p["discriminator.picture.kernel"], last) + p["discriminator.picture.bias"]
            x = xp.leaky_relu(x, 0.2)
            for layer, odd in (("layer1", second), ("layer2", first)):
                x = xp.halve(x, p[f"discriminator.reduce.{layer}.kernel"], odd)
                x = xp.leaky_relu(normalised(p, f"discriminator.reduce.{layer}.normalisation", x), 0.2)
            return affine(p, "discriminator.output", x.reshape(x.shape[0], -1)).reshape(-1)

        def d(p, given):
            return adversarial(xp, judge(p, given["images"]), judge(p, given["fake"]))

        def g(p, given):
            return xp.softplus(-judge(p, given["fake"])).mean()

        return {"discriminator": d, "generator": g, "generate": generate}

    return system


def bound_loss(xp, logits, shown, mean, log_variance):
    """The negative of the evidence lower bound, in nats an image."""
    likelihood = (shown * logits - xp.softplus(logits)).reshape(shown.shape[0], -1).sum(-1)
    divergence = 0.5 * (xp.exp(log_variance) + mean**2 - 1 - log_variance).sum(-1)
    return (divergence - likelihood).mean()


def binarised(xp, given):
    images = given["images"]
    return xp.floats(images > given["binarise"]).reshape(images.shape[0], -1)


def vae(xp):
    """Kingma 2014, two hidden layers each way."""

    def loss(p, given):
        shown = binarised(xp, given)
        h = shown
        for layer in ("layer1", "layer2"):
            h = xp.relu(affine(p, f"encoder.hidden.{layer}", h))
        mean, log_variance = affine(p, "encoder.mean", h), affine(p, "encoder.logVariance", h)
        h = mean + xp.exp(0.5 * log_variance) * given["infer/z"]
        for layer in ("layer1", "layer2"):
            h = xp.relu(affine(p, f"generator.hidden.{layer}", h))
        return bound_loss(xp, affine(p, "generator.output", h), shown, mean, log_variance)

    return {"": loss}


def draw(glimpses):
    """Gregor 2015, with attention on both sides."""

    def system(xp):
        filterbank = windows(xp)
        # The forget gate's sums are raised by 1.
        forgetting = xp.array([0] * UNITS + [1] * UNITS + [0] * UNITS)

        def lstm(sums, memory):
            gates, candidate = xp.sigmoid(sums[:, : 3 * UNITS] + forgetting), xp.tanh(sums[:, 3 * UNITS :])
            memory = gates[:, UNITS : 2 * UNITS] * memory + gates[:, :UNITS] * candidate
            return gates[:, 2 * UNITS :] * xp.tanh(memory), memory

        def loss(p, given):
            shown = binarised(xp, given)
            batch = shown.shape[0]
            images = shown.reshape(batch, 1, SIDE, SIDE)
            wide = lambda x: xp.expand(x, batch)
            seen, seen_memory = wide(p["encoder.initial.hidden"]), p["encoder.initial.memory"]
            drawn, drawn_memory = wide(p["generator.initial.hidden"]), p["generator.initial.memory"]
            canvas = p["generator.initialCanvas"]
            means, log_variances = [], []
            for t in range(glimpses):
                both = xp.concatenate([images, images - xp.sigmoid(canvas)], 1)
                fx, fy, log_gamma = (x[:, None] for x in filterbank(affine(p, "encoder.reader.window", drawn)))
                glimpse = (xp.exp(log_gamma) * (fy @ (both @ xp.transposed(fx)))).reshape(batch, 2 * N * N)
                sums = affine(p, "encoder.rnn", xp.concatenate([glimpse, drawn, seen], 1))
                seen, seen_memory = lstm(sums, seen_memory)
                means.append(affine(p, "encoder.mean", seen))
                log_variances.append(affine(p, "encoder.logVariance", seen))
                z = means[-1] + xp.exp(0.5 * log_variances[-1]) * given[f"infer/z{t + 1}"]
                drawn, drawn_memory = lstm(affine(p, "generator.rnn", xp.concatenate([z, drawn], 1)), drawn_memory)
                fx, fy, log_gamma = filterbank(affine(p, "generator.writer.window", drawn))
                patch = affine(p, "generator.writer.patch", drawn).reshape(batch, N, N)
                canvas = canvas + (xp.transposed(fy) @ (xp.exp(-log_gamma) * patch) @ fx)[:, None]
            moments = xp.concatenate(means, 1), xp.concatenate(log_variances, 1)
            return bound_loss(xp, canvas.reshape(batch, -1), shown, *moments)

        return {"": loss}

    return system


def ddpm(xp):
    """The gallery's diffusion of digits (Ho 2020), whose denoiser is a perceptron with residual blocks."""
    times = 100
    betas = [(0.1 + 19.9 * t / (times - 1)) / times for t in range(times)]
    left = [math.prod(1 - beta for beta in betas[: t + 1]) for t in range(times)]
    schedule = xp.array([[math.sqrt(x), math.sqrt(1 - x)] for x in left])
    frequencies = xp.array([times ** (-k / 16) for k in range(16)])

    def loss(p, given):
        x0 = 2 * given["images"].reshape(-1, SIDE * SIDE) - 1
        t = xp.floor(times * given["t"])
        of_image, of_noise = (schedule[xp.integers(t)][:, i, None] for i in range(2))
        x = of_image * x0 + of_noise * given["noise"]
        angles = t[:, None] * frequencies
        time = xp.concatenate([xp.sin(angles), xp.cos(angles)], 1)
        h = affine(p, "denoiser.parameters.input", x)
        for block in ("one", "two", "three"):
            path = f"denoiser.parameters.blocks.{block}"
            h = h + affine(p, path + ".layer2", xp.silu(affine(p, path + ".layer1", xp.concatenate([h, time], 1))))
        context = affine(p, "denoiser.parameters.output", h)
        return ((xp.tanh(affine(p, "denoiser.parameters.gain", time) * x + context) - x0) ** 2).mean()

    return {"denoiser": loss}


def plane_gan(xp):
    """The gallery's GAN of points in the plane: two perceptrons."""

    def network(p, player, x):
        for layer in ("layer1", "layer2"):
            x = xp.relu(affine(p, f"{player}.parameters.{layer}", x))
        return affine(p, f"{player}.parameters.layer3", x)

    def d(p, given):
        return adversarial(xp, network(p, "D", given["points"]), network(p, "D", given["fake"]))

    return {
        "D": d,
        "G": lambda p, given: xp.softplus(-network(p, "D", given["fake"])).mean(),
        "generate": lambda p, given: network(p, "G", given["z"]),
    }


systems = {
    "paper": paper,
    "modern": modern(1, SIDE),
    "modern, 64 x 64 colour": modern(3, 64),
    "baseline": baseline,
    "dcgan": dcgan([4, 7, 14, 28]),
    "dcgan, 64 x 64 colour": dcgan([8, 16, 32, 64]),
    "vae": vae,
    "draw, 10 glimpses": draw(10),
    "draw, 64 glimpses": draw(64),
    "ddpm": ddpm,
    "plane-gan": plane_gan,
}

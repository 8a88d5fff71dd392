"""The paper's training update (D, then G, each by Adam) as an experienced user of JAX or PyTorch writes it by hand.

What Fovea and the tfjs peer do for speed is done here as well: the T noise projections are one product, the generator's
windows and writes are computed for all steps at once (they do not feed back into its recurrence), h is multiplied once by
the sum of its two weight blocks in D's cell, and D sees real and generated images in one pass over twice the batch.

The two libraries share this file: `numerics` has the few functions that they name differently. Parameters are a dict by
Fovea's paths; weights are [inputs, outputs].
"""

T, N, UNITS, SIDE = 6, 5, 256, 28


def windows(xp, side=SIDE):
    """The filterbanks of section 2.1, over the functions of `xp`, of images of as many rows and columns."""
    coordinates = xp.array([a - (side - 1) / 2 for a in range(side)])
    offsets = xp.array([i - (N - 1) / 2 for i in range(N)])

    def filterbank(numbers):
        """Window numbers [n, 5] to FX and FY [n, N, side] and log gamma [n, 1, 1]."""
        gx, gy, log_variance, log_stride, log_gamma = (numbers[:, i, None, None] for i in range(5))
        stride = xp.exp(log_stride) * ((side - 1) / (N - 1)) * offsets[None, :, None]
        precision = xp.exp(-log_variance) * -0.5

        def rows(centre):
            mean = (side + 1) / 2 * centre + stride
            return xp.softmax(precision * (coordinates - mean) ** 2)

        return rows(gx), rows(gy), log_gamma

    return filterbank


def painter(xp, filterbank, channels=1, side=SIDE):
    """Equation 8 for all steps at once: states [batch * T, UNITS], a sample's steps one after another, to images [batch, channels, side, side]."""

    def paint(p, states, batch):
        patch = (states @ p["generator.patch.weight"] + p["generator.patch.bias"]).reshape(batch * T, channels, N, N)
        fx, fy, log_gamma = filterbank(states @ p["generator.window.weight"] + p["generator.window.bias"])
        strips = (xp.exp(-log_gamma)[:, None] * patch) @ fx[:, None]
        strips = strips.reshape(batch, T, channels, N, side).swapaxes(1, 2).reshape(batch, channels, T * N, side)
        strokes = xp.transposed(fy.reshape(batch, 1, T * N, side)) @ strips
        return xp.sigmoid(strokes + p["generator.initialCanvas"].reshape(channels, side, side))

    return paint


def networks(xp):
    """D and G of section 2, over the functions of `xp`."""
    filterbank = windows(xp)
    paint = painter(xp, filterbank)

    def judge(p, images):
        """Images [n, SIDE, SIDE] to D's logits [n] (equations 2 to 5)."""
        n = images.shape[0]
        weight = p["discriminator.rnn.input.weight"]
        glimpse_weight = weight[: N * N]
        hidden_weight = weight[N * N :] + p["discriminator.rnn.hidden.weight"]
        bias = p["discriminator.rnn.input.bias"] + p["discriminator.rnn.hidden.bias"]
        h = p["discriminator.initialHidden"]
        for _ in range(T):
            numbers = h @ p["discriminator.window.weight"] + p["discriminator.window.bias"]
            fx, fy, log_gamma = filterbank(numbers)
            glimpse = xp.exp(log_gamma) * (fy @ (images @ xp.transposed(fx)))
            h = xp.tanh(h @ hidden_weight + bias + glimpse.reshape(n, N * N) @ glimpse_weight)
        return (h @ p["discriminator.output.weight"] + p["discriminator.output.bias"]).reshape(n)

    def draw(p, latents):
        """Latents [T, batch, z] to images [batch, SIDE, SIDE] (equations 6 to 8, the canvas in logit space)."""
        batch = latents.shape[1]
        bias = p["generator.rnn.input.bias"] + p["generator.rnn.hidden.bias"]
        projected = latents @ p["generator.rnn.input.weight"] + bias
        h = p["generator.initialHidden"]
        states = []
        for t in range(T):
            h = xp.tanh(projected[t] + h @ p["generator.rnn.hidden.weight"])
            states.append(h)
        states = xp.stack(states, 1).reshape(batch * T, UNITS)
        return paint(p, states, batch).reshape(batch, SIDE, SIDE)

    def discriminator_loss(d, images, shown):
        """Equation 9, as a loss."""
        logits = judge(d, xp.concatenate([images, shown]))
        batch = images.shape[0]
        return xp.softplus(-logits[:batch]).mean() + xp.softplus(logits[batch:]).mean()

    def generator_loss(g, d, latents):
        """Equation 10, as a loss."""
        return xp.softplus(-judge(d, draw(g, latents))).mean()

    return draw, discriminator_loss, generator_loss

"""A contestant of the benchmark in Python: `python peer.py jax|torch-eager|torch-compiled WORK.safetensors [THREADS]`.

The file holds the parameters by Fovea's paths ("parameters/..."), `images` [K, batch, 28, 28] and `latents` [K, 2, T, batch, z]
for D and G; update k takes entry k mod K of the images, and of the latents if it is to compute what Fovea computes; in a
measurement it draws its own, by its library's generator. Gathering is not counted against the peer. Requests come as JSON
lines on standard input, answers go out as JSON lines: {"run": {"most": n, "seconds": s, "draw": true}} answers with times
in ms, {"gradients": FILE} writes both gradients at the parameters given (no update between them) as safetensors.
"""

import sys

import numpy as np
from model import networks
from serve import serve
from tensors import load_file

LEARNING_RATE, BETA1, BETA2, EPSILON = 3.75e-4, 0.75, 0.999, 1e-8


def players(parameters):
    pick = lambda player: {k: v for k, v in parameters.items() if k.startswith(player + ".")}
    return pick("discriminator"), pick("generator")


def jax_peer(parameters, images, latents, threads):
    import jax
    import jax.numpy as jnp

    class numerics:
        array = staticmethod(lambda x: jnp.array(x, jnp.float32))
        exp, tanh, concatenate, stack = jnp.exp, jnp.tanh, jnp.concatenate, jnp.stack
        sigmoid, softplus = jax.nn.sigmoid, jax.nn.softplus
        softmax = staticmethod(lambda x: jax.nn.softmax(x, axis=-1))
        transposed = staticmethod(lambda x: jnp.swapaxes(x, -1, -2))

    draw, discriminator_loss, generator_loss = networks(numerics)

    def adam(parameters, gradients, moments, t):
        def leaf(p, g, m, v):
            m = BETA1 * m + (1 - BETA1) * g
            v = BETA2 * v + (1 - BETA2) * g * g
            return p - LEARNING_RATE / (1 - BETA1**t) * m / (jnp.sqrt(v / (1 - BETA2**t)) + EPSILON), m, v

        moved = {k: leaf(parameters[k], gradients[k], *moments[k]) for k in parameters}
        return {k: x[0] for k, x in moved.items()}, {k: x[1:] for k, x in moved.items()}

    def update(state, images, latents):
        d, g, d_moments, g_moments, t = state
        t = t + 1
        d_loss, d_gradients = jax.value_and_grad(discriminator_loss)(d, images, draw(g, latents[0]))
        d, d_moments = adam(d, d_gradients, d_moments, t)
        g_loss, g_gradients = jax.value_and_grad(generator_loss)(g, d, latents[1])
        g, g_moments = adam(g, g_gradients, g_moments, t)
        return (d, g, d_moments, g_moments, t), (d_loss, g_loss)

    def update_drawing(state, images, seed):
        return update(state, images, jax.random.normal(jax.random.key(seed), latents.shape[1:]))

    compiled = jax.jit(update, donate_argnums=0)
    drawing = jax.jit(update_drawing, donate_argnums=0)
    d, g = players({k: jnp.array(v) for k, v in parameters.items()})
    zeros = lambda tree: {k: (jnp.zeros_like(v), jnp.zeros_like(v)) for k, v in tree.items()}
    state = [(d, g, zeros(d), zeros(g), jnp.float32(0))]

    def step(k, draw_latents):
        given = images[k % len(images)]
        if draw_latents:
            state[0], losses = drawing(state[0], given, k)
        else:
            state[0], losses = compiled(state[0], given, latents[k % len(latents)])
        return [float(x) for x in losses]

    def gradients():
        d, g = players(parameters)
        d_gradients = jax.jit(jax.grad(discriminator_loss))(d, images[0], jax.jit(draw)(g, latents[0][0]))
        g_gradients = jax.jit(jax.grad(generator_loss))(g, d, latents[0][1])
        return {k: np.asarray(v) for k, v in {**d_gradients, **g_gradients}.items()}

    return step, gradients


def torch_peer(parameters, images, latents, threads, compiled):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    # As Fovea does: without it, an update takes half as long again.
    torch.set_flush_denormal(True)

    class numerics:
        array = staticmethod(lambda x: torch.tensor(x, dtype=torch.float32))
        exp, tanh, sigmoid, softplus = torch.exp, torch.tanh, torch.sigmoid, F.softplus
        concatenate, stack = torch.cat, torch.stack
        softmax = staticmethod(lambda x: torch.softmax(x, -1))
        transposed = staticmethod(lambda x: x.transpose(-1, -2))

    draw, discriminator_loss, generator_loss = networks(numerics)
    images, latents = torch.from_numpy(images), torch.from_numpy(latents)
    d, g = players({k: torch.from_numpy(v.copy()).requires_grad_() for k, v in parameters.items()})
    settings = dict(lr=LEARNING_RATE, betas=(BETA1, BETA2), eps=EPSILON)
    # The fused kernel is PyTorch's fastest Adam on a CPU.
    d_adam = torch.optim.Adam(d.values(), **settings, fused=True)
    g_adam = torch.optim.Adam(g.values(), **settings, fused=True)
    judged = {"d": lambda x, z: discriminator_loss(d, x, draw({k: v.detach() for k, v in g.items()}, z))}
    judged["g"] = lambda z: generator_loss(g, {k: v.detach() for k, v in d.items()}, z)
    if compiled:
        judged = {k: torch.compile(f, dynamic=False) for k, f in judged.items()}

    def step(k, draw_latents):
        drawn = torch.randn(latents.shape[1:]) if draw_latents else latents[k % len(latents)]
        d_loss = judged["d"](images[k % len(images)], drawn[0])
        d_adam.zero_grad(set_to_none=True)
        d_loss.backward()
        d_adam.step()
        g_loss = judged["g"](drawn[1])
        g_adam.zero_grad(set_to_none=True)
        g_loss.backward()
        g_adam.step()
        return [d_loss.item(), g_loss.item()]

    def gradients():
        own_d, own_g = players({k: torch.from_numpy(v.copy()).requires_grad_() for k, v in parameters.items()})
        frozen = lambda tree: {k: v.detach() for k, v in tree.items()}
        discriminator_loss(own_d, images[0], draw(frozen(own_g), latents[0, 0])).backward()
        generator_loss(own_g, frozen(own_d), latents[0, 1]).backward()
        return {k: v.grad.numpy() for k, v in {**own_d, **own_g}.items()}

    return step, gradients


def main():
    engine, work, *rest = sys.argv[1:]
    threads = int(rest[0]) if rest else 2
    tensors = load_file(work)
    images, latents = tensors.pop("images"), tensors.pop("latents")
    parameters = {k.removeprefix("parameters/"): v for k, v in tensors.items()}
    if engine == "jax":
        step, gradients = jax_peer(parameters, images, latents, threads)
    else:
        step, gradients = torch_peer(parameters, images, latents, threads, engine == "torch-compiled")
    serve(engine, step, lambda _: gradients())


main()

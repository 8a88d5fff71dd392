"""Training by JAX (one jit an update) and by PyTorch (eager, or compiled losses): an update of each player of a system, in turn.

`players` are a list of {"name", "of": prefixes of its parameters, "lr", "betas", "eps", "decay", "clip"}; `noise` says for each stream
how to draw it, {"kind", "shape", "probability"}; `ema`, if given, has a "decay" and the prefixes of what is averaged, "of".
"""

from systems import systems


def owned(player, path):
    return any(path.startswith(prefix) for prefix in player["of"])


def jax_numerics():
    """The functions that `systems.py` asks for, by JAX."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    class numerics:
        array = staticmethod(lambda x: jnp.array(x, jnp.float32))
        exp, tanh, sin, cos, floor = jnp.exp, jnp.tanh, jnp.sin, jnp.cos, jnp.floor
        sigmoid, softplus, relu, silu, leaky_relu = jax.nn.sigmoid, jax.nn.softplus, jax.nn.relu, jax.nn.silu, jax.nn.leaky_relu
        stack = jnp.stack
        concatenate = staticmethod(lambda xs, axis=0: jnp.concatenate(xs, axis))
        softmax = staticmethod(lambda x: jax.nn.softmax(x, axis=-1))
        amax = staticmethod(lambda x: x.max(-1))
        transposed = staticmethod(lambda x: jnp.swapaxes(x, -1, -2))
        floats = staticmethod(lambda x: x.astype(jnp.float32))
        integers = staticmethod(lambda x: x.astype(jnp.int32))
        expand = staticmethod(lambda x, n: jnp.broadcast_to(x, (n, x.shape[1])))

        @staticmethod
        def value_and_slopes(f, x):
            value, pull = jax.vjp(f, x)
            return value, pull(jnp.ones_like(value))[0]

        @staticmethod
        def batch_norm(x, scale, shift):
            mean = x.mean((0, 2, 3), keepdims=True)
            variance = ((x - mean) ** 2).mean((0, 2, 3), keepdims=True)
            return (x - mean) * (scale / jnp.sqrt(variance + 1e-5)) + shift

        @staticmethod
        def halve(x, kernel, odd):
            padding = ((1, 1 + odd), (1, 1 + odd))
            return lax.conv_general_dilated(x, kernel, (2, 2), padding, dimension_numbers=("NCHW", "OIHW", "NCHW"))

        @staticmethod
        def enlarge(x, kernel, odd):
            return lax.conv_general_dilated(
                x,
                kernel[:, :, ::-1, ::-1],
                (1, 1),
                ((2, 2 - odd), (2, 2 - odd)),
                lhs_dilation=(2, 2),
                dimension_numbers=("NCHW", "IOHW", "NCHW"),
            )

    return numerics


def jax_training(setup):
    """Pure functions: the state before any update from parameters, the random numbers of a key, an update, and all players' gradients."""
    import jax
    import jax.numpy as jnp

    system = dict(systems[setup["system"]](jax_numerics()))
    generate = system.pop("generate", None)

    def drawn(key):
        keys = jax.random.split(key, len(setup["noise"]))
        draws = {
            "normal": lambda key, of: jax.random.normal(key, of["shape"]),
            "uniform": lambda key, of: jax.random.uniform(key, of["shape"]),
            "bernoulli": lambda key, of: jax.random.bernoulli(key, of["probability"], of["shape"]).astype(jnp.float32),
        }
        return {name: draws[of["kind"]](key, of) for key, (name, of) in zip(keys, setup["noise"].items())}

    def clipped(player, gradients):
        if "clip" not in player:
            return gradients
        norm = jnp.sqrt(sum((g**2).sum() for g in gradients.values()))
        return {k: g * jnp.minimum(1, player["clip"] / norm) for k, g in gradients.items()}

    def slopes(player, p, given, pull):
        """The loss and the gradient of a player; of one whose images are made already, through `pull`."""
        loss = system[player["name"]]
        if pull is not None and player is setup["players"][-1]:
            value, of_fake = jax.value_and_grad(lambda fake: loss(p, {**given, "fake": fake}))(given["fake"])
            return value, clipped(player, pull(of_fake)[0])
        own = {k: v for k, v in p.items() if owned(player, k)}
        value, gradients = jax.value_and_grad(lambda own: loss({**p, **own}, given))(own)
        return value, clipped(player, gradients)

    def with_fake(p, given):
        if generate is None:
            return given, None
        last = setup["players"][-1]
        own = {k: v for k, v in p.items() if owned(last, k)}
        fake, pull = jax.vjp(lambda own: generate({**p, **own}, given), own)
        return {**given, "fake": fake}, pull

    def adam(player, p, gradients, moments, t):
        (b1, b2), lr = player["betas"], player["lr"]
        moved, kept = {}, {}
        for k, g in gradients.items():
            m, v = moments[k]
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
            step = m / (1 - b1**t) / (jnp.sqrt(v / (1 - b2**t)) + player["eps"]) + player.get("decay", 0) * p[k]
            moved[k], kept[k] = p[k] - lr * step, (m, v)
        return moved, kept

    def update(state, given):
        p, moments, average, t = state
        t = t + 1
        given, pull = with_fake(p, given)
        losses = []
        for player in setup["players"]:
            loss, gradients = slopes(player, p, given, pull)
            moved, kept = adam(player, p, gradients, moments, t)
            p, moments = {**p, **moved}, {**moments, **kept}
            losses.append(loss)
        decay = setup.get("ema", {}).get("decay", 0)
        average = {k: decay * a + (1 - decay) * p[k] for k, a in average.items()}
        return (p, moments, average, t), losses

    def begin(parameters):
        p = {k: jnp.array(v) for k, v in parameters.items()}
        averaged = {k: v for k, v in p.items() if any(k.startswith(of) for of in setup.get("ema", {}).get("of", []))}
        return p, {k: (jnp.zeros_like(v), jnp.zeros_like(v)) for k, v in p.items()}, averaged, jnp.float32(0)

    def all_slopes(p, given):
        given, pull = with_fake(p, given)
        return [slopes(player, p, given, pull)[1] for player in setup["players"]]

    return begin, drawn, update, all_slopes


def jax_peer(setup, parameters, batches):
    import jax
    import jax.numpy as jnp

    begin, drawn, update, all_slopes = jax_training(setup)
    on_given = jax.jit(update)
    on_drawn = jax.jit(lambda state, inputs, seed: update(state, {**inputs, **drawn(jax.random.key(seed))}))
    slopes_of = jax.jit(all_slopes)
    state = [begin(parameters)]
    batches = [{k: jnp.array(v) for k, v in batch.items()} for batch in batches]
    inputs = [{k: v for k, v in batch.items() if k not in setup["noise"]} for batch in batches]

    def step(k, draw):
        i = k % len(batches)
        state[0], losses = on_drawn(state[0], inputs[i], k) if draw else on_given(state[0], batches[i])
        return [float(x) for x in losses]

    def gradients(at):
        found = slopes_of({k: jnp.array(v) for k, v in at.items()}, batches[0])
        return {k: v for player in found for k, v in player.items()}

    return step, gradients


def torch_peer(setup, parameters, batches, compiled):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(setup["threads"])
    # As Fovea does: without it, an update of the paper's model takes half as long again.
    torch.set_flush_denormal(True)

    class numerics:
        array = staticmethod(lambda x: torch.tensor(x, dtype=torch.float32))
        exp, tanh, sin, cos, floor = torch.exp, torch.tanh, torch.sin, torch.cos, torch.floor
        sigmoid, softplus, relu, silu, leaky_relu = torch.sigmoid, F.softplus, F.relu, F.silu, F.leaky_relu
        concatenate, stack = torch.cat, torch.stack
        softmax = staticmethod(lambda x: torch.softmax(x, -1))
        amax = staticmethod(lambda x: x.amax(-1))
        transposed = staticmethod(lambda x: x.transpose(-1, -2))
        floats = staticmethod(lambda x: x.float())
        integers = staticmethod(lambda x: x.long())
        expand = staticmethod(lambda x, n: x.expand(n, -1))

        @staticmethod
        def value_and_slopes(f, x):
            x = x.detach().requires_grad_()
            value = f(x)
            return value, torch.autograd.grad(value.sum(), x, create_graph=True)[0]

        @staticmethod
        def batch_norm(x, scale, shift):
            return F.batch_norm(x, None, None, scale.reshape(-1), shift.reshape(-1), training=True, eps=1e-5)

        @staticmethod
        def halve(x, kernel, odd):
            return F.conv2d(F.pad(x, (1, 2, 1, 2)), kernel, stride=2) if odd else F.conv2d(x, kernel, stride=2, padding=1)

        @staticmethod
        def enlarge(x, kernel, odd):
            larger = F.conv_transpose2d(x, kernel, stride=2, padding=1)
            return larger[:, :, : larger.shape[2] - odd, : larger.shape[3] - odd]

    system = {k: torch.compile(f, dynamic=False) if compiled else f for k, f in systems[setup["system"]](numerics).items()}
    generate = system.pop("generate", None)

    def leaves(tree):
        return {k: torch.from_numpy(v.copy()).requires_grad_() for k, v in tree.items()}

    def seen(player, p):
        """All parameters, those of the others as constants."""
        return {k: v if owned(player, k) else v.detach() for k, v in p.items()}

    def given_to(player, given, fake):
        if fake is None:
            return given
        return {**given, "fake": fake if player is setup["players"][-1] else fake.detach()}

    def faked(p, given):
        return None if generate is None else generate(seen(setup["players"][-1], p), given)

    p = leaves(parameters)
    optimizers = [
        # The fused kernel is PyTorch's fastest on a CPU.
        (torch.optim.AdamW if "decay" in player else torch.optim.Adam)(
            [v for k, v in p.items() if owned(player, k)],
            lr=player["lr"],
            betas=player["betas"],
            eps=player["eps"],
            fused=True,
            **({"weight_decay": player["decay"]} if "decay" in player else {}),
        )
        for player in setup["players"]
    ]
    ema = setup.get("ema", {"of": []})
    followed = [v for k, v in p.items() if any(k.startswith(of) for of in ema["of"])]
    average = [v.detach().clone() for v in followed]
    batches = [{k: torch.from_numpy(v) for k, v in batch.items()} for batch in batches]
    draws = {
        "normal": lambda of: torch.randn(of["shape"]),
        "uniform": lambda of: torch.rand(of["shape"]),
        "bernoulli": lambda of: torch.empty(of["shape"]).bernoulli_(of["probability"]),
    }

    def step(k, draw):
        given = batches[k % len(batches)]
        if draw:
            given = {**given, **{name: draws[of["kind"]](of) for name, of in setup["noise"].items()}}
        fake = faked(p, given)
        losses = []
        for player, optimizer in zip(setup["players"], optimizers):
            loss = system[player["name"]](seen(player, p), given_to(player, given, fake))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            if "clip" in player:
                torch.nn.utils.clip_grad_norm_([v for k, v in p.items() if owned(player, k)], player["clip"])
            optimizer.step()
            losses.append(loss)
        if average:
            with torch.no_grad():
                torch._foreach_lerp_(average, followed, 1 - ema["decay"])
        return [loss.item() for loss in losses]

    def gradients(at):
        own = leaves(at)
        fake = faked(own, batches[0])
        for player in setup["players"]:
            system[player["name"]](seen(player, own), given_to(player, batches[0], fake)).backward()
            if "clip" in player:
                torch.nn.utils.clip_grad_norm_([v for k, v in own.items() if owned(player, k)], player["clip"])
        return {k: v.grad.numpy() for k, v in own.items() if v.grad is not None}

    return step, gradients

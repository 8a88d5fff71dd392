"""A contestant in Python for any of `systems`: `python systemPeer.py jax|torch-eager|torch-compiled SETUP.json WORK.safetensors`.

The file holds the parameters by Fovea's paths ("parameters/...") and some updates' inputs and random numbers ("batches/0/images"), which the
peer takes in turn; in a measurement it draws random numbers by its library's generator. Requests come as JSON lines on standard input,
answers go out as JSON lines: {"run": {"most": n, "seconds": s, "draw": true}} answers with times in ms and the first losses,
{"gradients": FILE, "at": FILE} writes all players' gradients at other parameters as safetensors, with no update between them.
"""

import json
import sys

from engines import jax_peer, torch_peer
from serve import serve
from tensors import load_file


def main():
    engine, setup_file, work = sys.argv[1:]
    with open(setup_file) as file:
        setup = json.load(file)
    tensors = load_file(work)
    parameters = {k.removeprefix("parameters/"): v for k, v in tensors.items() if k.startswith("parameters/")}
    batches = {}
    for name, value in tensors.items():
        if name.startswith("batches/"):
            _, number, key = name.split("/", 2)
            batches.setdefault(int(number), {})[key] = value
    batches = [batches[k] for k in sorted(batches)]
    if engine == "jax":
        step, gradients = jax_peer(setup, parameters, batches)
    else:
        step, gradients = torch_peer(setup, parameters, batches, engine == "torch-compiled")
    serve(engine, step, gradients)


main()

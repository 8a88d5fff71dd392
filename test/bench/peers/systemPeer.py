"""A contestant in Python for any of `systems`: `python systemPeer.py jax|torch-eager|torch-compiled SETUP.json WORK.safetensors`.

The file holds the parameters by Fovea's paths ("parameters/...") and some updates' inputs and random numbers ("batches/0/images"), which the
peer takes in turn; in a measurement it draws random numbers by its library's generator. Requests come as JSON lines on standard input,
answers go out as JSON lines: {"run": {"most": n, "seconds": s, "draw": true}} answers with times in ms and the first losses,
{"gradients": FILE, "at": FILE} writes all players' gradients at other parameters as safetensors, with no update between them.
"""

import json
import resource
import sys
import time

import numpy as np
from engines import jax_peer, torch_peer
from tensors import load_file, save_file


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
    print(json.dumps({"ready": engine}), flush=True)
    k = 0
    for line in sys.stdin:
        request = json.loads(line)
        if "gradients" in request:
            found = gradients(load_file(request["at"]))
            save_file({k: np.asarray(v) for k, v in found.items()}, request["gradients"])
            print(json.dumps({"written": request["gradients"]}), flush=True)
            continue
        limit, times, losses = request["run"], [], None
        cpu, begun = time.process_time(), time.perf_counter()
        while not times or (len(times) < limit["most"] and time.perf_counter() - begun < limit["seconds"]):
            before = time.perf_counter()
            found = step(k, limit.get("draw", False))
            times.append((time.perf_counter() - before) * 1000)
            losses = losses or found
            k += 1
        answer = {
            "times": times,
            "cpuMs": (time.process_time() - cpu) * 1000 / len(times),
            "losses": losses,
            "peakRssMiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
        print(json.dumps(answer), flush=True)


main()

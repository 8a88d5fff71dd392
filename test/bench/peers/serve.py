"""Answers the bench's requests, JSON lines on standard input, by JSON lines: {"run": {"most": n, "seconds": s, "draw": true}} by times in ms
and the first losses, {"gradients": FILE, "at": FILE} by a safetensors file of gradients; `at` is for peers that take other parameters.
"""

import json
import resource
import sys
import time

import numpy as np
from tensors import load_file, save_file


def serve(engine, step, gradients):
    """`step(k, draw)` does update k and returns its losses; `gradients(parameters)` gets those of `at`, or None."""
    print(json.dumps({"ready": engine}), flush=True)
    k = 0
    for line in sys.stdin:
        request = json.loads(line)
        if "gradients" in request:
            found = gradients(load_file(request["at"]) if "at" in request else None)
            save_file({name: np.asarray(value) for name, value in found.items()}, request["gradients"])
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

"""Safetensors files of float32 numbers: a length, a JSON header, and the numbers one after another."""

import json

import numpy as np


def load_file(path):
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    if any(entry["dtype"] != "F32" for entry in header.values()):
        raise ValueError(f"{path} holds other numbers than float32")

    def tensor(entry):
        begin, end = (start + offset for offset in entry["data_offsets"])
        return np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"]).copy()

    return {name: tensor(entry) for name, entry in header.items()}


def save_file(tensors, path):
    header, parts, at = {}, [], 0
    for name, tensor in tensors.items():
        raw = np.ascontiguousarray(tensor, np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        parts.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(parts))

"""What another program makes of Fovea's files. Prints JSON; called by exchange.test.ts."""

import json
import sys


def check_onnx(folder: str) -> dict:
    """Checks the exported models, and how far their outputs are from the expected ones."""
    import numpy as np
    import onnx
    import onnxruntime
    from safetensors.numpy import load_file

    expected = load_file(f"{folder}/expected.safetensors")
    report = {}
    for name, given, made in [("generator", "z", "images"), ("discriminator", "images", "logits")]:
        path = f"{folder}/{name}.onnx"
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        outputs = [output.name for output in session.get_outputs()]
        farthest = 0.0
        for batch in (1, 7, 100):
            results = dict(zip(outputs, session.run(None, {given: expected[f"{name}.{given}.{batch}"]})))
            difference = np.abs(results[made] - expected[f"{name}.{made}.{batch}"])
            farthest = max(farthest, float(difference.max()))
        report[name] = {
            "domains": sorted(entry.domain for entry in model.opset_import),
            "outputs": outputs,
            "initialisers": len(model.graph.initializer),
            "metadata": session.get_modelmeta().custom_metadata_map,
            "farthest": farthest,
        }
    return report


def round_trip(source: str, target: str) -> dict:
    """Loads tensors as NumPy arrays and saves them again."""
    from safetensors.numpy import load_file, save_file

    tensors = load_file(source)
    save_file(tensors, target)
    return {name: [str(tensor.dtype), list(tensor.shape)] for name, tensor in tensors.items()}


def read_events(folder: str) -> dict:
    """What TensorBoard's own reader finds in a folder of event files."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(folder, size_guidance={"images": 0, "histograms": 0, "scalars": 0, "tensors": 0})
    events.Reload()
    tags = events.Tags()
    return {
        "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
        "images": {
            tag: [[e.step, e.width, e.height, len(e.encoded_image_string)] for e in events.Images(tag)]
            for tag in tags["images"]
        },
        "histograms": {
            tag: [[e.step, e.histogram_value.num, sum(e.histogram_value.bucket)] for e in events.Histograms(tag)]
            for tag in tags["histograms"]
        },
        "texts": {
            tag: [events.Tensors(tag)[0].tensor_proto.string_val[0].decode()]
            for tag in tags["tensors"]
            if events.SummaryMetadata(tag).plugin_data.plugin_name == "text"
        },
    }


if __name__ == "__main__":
    commands = {"onnx": check_onnx, "round-trip": round_trip, "events": read_events}
    print(json.dumps(commands[sys.argv[1]](*sys.argv[2:])))

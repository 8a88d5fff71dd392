/**
 * Imported for its effect, before anything that imports `onnxruntime-node`: the binaries of ONNX Runtime 1.30 for Linux and
 * macOS report to their makers unless this variable is set before they are loaded (then no uploader, no identifier and no
 * file is made). Who has set the variable decides for himself. Shards and child processes see what this process sets.
 */
process.env["ORT_DISABLE_TELEMETRY"] ??= "1"

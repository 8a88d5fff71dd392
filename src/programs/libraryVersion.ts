/** This library's version, as it is in checkpoints and in `--version`; a test holds it to package.json's. */
export const libraryVersion = "0.1.0"

import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"

/**
 * A file system that does `steps` changing operations of the real one and then behaves as for a killed process: the
 * next changing operation does not happen, and no cleanup after it does either. `killed` tells whether it came to that.
 */
export const killedAfter = (steps: number, fs: FileSystem.FileSystem) => {
  let left = steps
  let dead = false
  const step = <A, E, R>(operation: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      if (left === 0) dead = true
      left--
      return dead ? Effect.die("killed") : operation
    })
  const fileSystem = FileSystem.FileSystem.of({
    ...fs,
    makeDirectory: (path, options) => step(fs.makeDirectory(path, options)),
    rename: (from, to) => step(fs.rename(from, to)),
    remove: (path, options) => step(fs.remove(path, options)),
    open: (path, options) =>
      step(fs.open(path, options)).pipe(
        Effect.map((file) => ({
          ...file,
          sync: step(file.sync),
          writeAll: (bytes: Uint8Array) =>
            step(file.writeAll(bytes.subarray(0, bytes.length >> 1))).pipe(
              Effect.andThen(step(file.writeAll(bytes.subarray(bytes.length >> 1))))
            )
        }))
      )
  })
  return { fileSystem, killed: () => dead }
}

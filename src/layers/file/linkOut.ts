import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"

/**
 * Where a change of `path` would be made instead of within `folder`, if a link on the way leads out of it: in words that go
 * behind a colon, or `undefined`. Paths outside of the folder are nobody's business here. `through`: whether a link at the
 * very end of the path counts as well, or is itself what is changed.
 */
export const linkOut = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  { dirname, resolve, sep }: Path.Path,
  folder: string,
  path: string,
  through: boolean
): Effect.fn.Return<string | undefined> {
  const within = (outer: string, inner: string): boolean =>
    inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`)
  const whole = resolve(folder)
  const target = resolve(path)
  if (target === whole || !within(whole, target)) return undefined
  const home = yield* Effect.orElseSucceed(fs.realPath(whole), () => whole)
  for (let at = through ? target : dirname(target); at !== whole && within(whole, at); at = dirname(at)) {
    const real = yield* Effect.orElseSucceed(fs.realPath(at), () => undefined)
    if (real !== undefined) return within(home, real) ? undefined : `a link leads out of ${folder}: ${at} is ${real}`
    // Nothing is there yet, unless a link to something that is not.
    const dangling = yield* Effect.orElseSucceed(fs.readLink(at), () => undefined)
    if (dangling !== undefined) return `a link leads nowhere: ${at} to ${dangling}`
  }
  return undefined
})

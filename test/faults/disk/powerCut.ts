import { basename, dirname } from "node:path"
import type { DiskStep } from "./DiskStep.ts"

/** What lies on a disk: files by path, and folders. Each folder stands before what is in it. */
export type DiskContent = ReadonlyMap<string, Uint8Array | "folder">

/** A change to the names in a folder that is in memory only, until the folder is synced. */
interface NameChange {
  readonly folder: number
  /** The name that the node had in this folder, if it had one. */
  readonly from: string | undefined
  /** The one that it has now; none if it was removed. */
  readonly to: string | undefined
  readonly node: number
}

type Names = Map<number, Map<string, number>>

/** A disk before a power cut: what is certain, and what may or may not have come that far. */
export interface Disk {
  /** Names by folder: on the disk for certain, and as programs see them. */
  readonly durable: Names
  readonly seen: Names
  readonly changes: ReadonlyArray<NameChange>
  /** Bytes by file. */
  readonly durableBytes: ReadonlyMap<number, Uint8Array>
  readonly seenBytes: ReadonlyMap<number, Uint8Array>
}

const root = 0

/**
 * The disk after some steps. A file's bytes are certain once it was synced, a name (of a new, renamed or removed thing) once
 * its folder was: what POSIX promises, and nothing that a file system may do besides.
 */
export const diskAfter = (steps: ReadonlyArray<DiskStep>): Disk => {
  const durable: Names = new Map([[root, new Map()]])
  const seen: Names = new Map([[root, new Map()]])
  const durableBytes = new Map<number, Uint8Array>()
  const seenBytes = new Map<number, Uint8Array>()
  const opened = new Map<number, number>()
  let changes: Array<NameChange> = []
  let nodes = 1

  const find = (path: string): number =>
    path
      .split("/")
      .filter((name) => name !== "" && name !== ".")
      .reduce((folder, name) => {
        const node = seen.get(folder)?.get(name)
        if (node === undefined) throw new Error(`internal: ${path} was never made`)
        return node
      }, root)
  const change = (folder: number, from: string | undefined, to: string | undefined, node: number): void => {
    const one = { folder, from, to, node }
    changes.push(one)
    apply(seen, one)
  }
  const make = (path: string): number => {
    const node = nodes++
    change(find(dirname(path)), undefined, basename(path), node)
    return node
  }

  for (const step of steps) {
    switch (step.op) {
      case "makeDirectory": {
        const node = make(step.path)
        seen.set(node, new Map())
        durable.set(node, new Map())
        break
      }
      case "create":
        seenBytes.set(make(step.path), new Uint8Array())
        break
      case "open":
        opened.set(step.handle, find(step.path))
        break
      case "write": {
        const node = opened.get(step.handle) ?? root
        seenBytes.set(node, Uint8Array.from([...(seenBytes.get(node) ?? []), ...step.bytes]))
        break
      }
      case "sync": {
        const node = opened.get(step.handle) ?? root
        const bytes = seenBytes.get(node)
        if (bytes !== undefined) durableBytes.set(node, bytes)
        for (const one of changes) if (one.folder === node) apply(durable, one)
        changes = changes.filter(({ folder }) => folder !== node)
        break
      }
      case "rename": {
        if (dirname(step.from) !== dirname(step.to)) throw new Error("internal: a rename into another folder")
        change(find(dirname(step.from)), basename(step.from), basename(step.to), find(step.from))
        break
      }
      case "remove":
        change(find(dirname(step.path)), basename(step.path), undefined, find(step.path))
    }
  }
  return { durable, seen, changes, durableBytes, seenBytes }
}

/** A change whose node is not where it should be came after one that was lost; it is lost as well. */
const apply = (names: Names, { folder, from, to, node }: NameChange): void => {
  const entries = names.get(folder)
  if (entries === undefined || (from !== undefined && entries.get(from) !== node)) return
  const replaced = to === undefined ? undefined : entries.get(to)
  // A folder that is not empty is not replaced.
  if (replaced !== undefined && (names.get(replaced)?.size ?? 0) > 0) return
  if (from !== undefined) entries.delete(from)
  if (to !== undefined) entries.set(to, node)
}

/** What became of bytes that were written and not synced. */
export const byteFates = ["lost", "torn", "zeros", "written"] as const
export type ByteFate = (typeof byteFates)[number]

/** A disk after the cut: of the changes of names that were not certain, those that `survives` says, in their order. */
export const contentAfterCut = (disk: Disk, survives: (change: number) => boolean, fate: ByteFate): DiskContent => {
  const names: Names = new Map([...disk.durable].map(([folder, entries]) => [folder, new Map(entries)]))
  for (const [i, change] of disk.changes.entries()) if (survives(i)) apply(names, change)
  const content = new Map<string, Uint8Array | "folder">()
  const visit = (folder: number, path: string): void => {
    for (const [name, node] of names.get(folder) ?? []) {
      const below = path === "" ? name : `${path}/${name}`
      if (disk.seen.has(node)) {
        content.set(below, "folder")
        visit(node, below)
      } else content.set(below, bytesAfterCut(disk, node, fate))
    }
  }
  visit(root, "")
  return content
}

const bytesAfterCut = ({ durableBytes, seenBytes }: Disk, node: number, fate: ByteFate): Uint8Array => {
  const [kept, seen] = [durableBytes.get(node) ?? new Uint8Array(), seenBytes.get(node) ?? new Uint8Array()]
  const added = seen.length - kept.length
  switch (fate) {
    case "lost":
      return kept
    case "torn":
      return seen.subarray(0, kept.length + (added >> 1) + (added % 2))
    case "zeros": {
      const bytes = new Uint8Array(seen.length)
      bytes.set(kept)
      return bytes
    }
    case "written":
      return seen
  }
}

/** Every fate of the bytes with every choice among the changes, or, where these are too many, so many choices drawn. */
export const cuts = function* (disk: Disk, most: number, draw: () => number): Generator<DiskContent> {
  const { length } = disk.changes
  const all = 2 ** length
  const drawn = Array.from({ length: most }, () => Math.floor(draw() * all))
  // Nothing, everything, and all that came before some moment are always among them.
  const prefixes = Array.from({ length: length + 1 }, (_, count) => 2 ** count - 1)
  const choices =
    all <= most ? Array.from({ length: all }, (_, choice) => choice) : [...new Set([...prefixes, ...drawn])]
  for (const choice of choices) {
    for (const fate of byteFates) yield contentAfterCut(disk, (i) => Math.floor(choice / 2 ** i) % 2 === 1, fate)
  }
}

import { execFileSync } from "node:child_process"

/** Machines that are none: network namespaces with addresses of their own, each by a link that can be cut. */
export interface Namespaces {
  /** The address of this machine as they see it. */
  readonly host: string
  /** What runs a program within one. */
  readonly under: (index: number) => ReadonlyArray<string>
  /** Cuts a link, as when a cable is drawn: nothing arrives, and nobody is told. */
  readonly cut: (index: number) => void
  readonly heal: (index: number) => void
  readonly remove: () => void
}

const ip = (...args: ReadonlyArray<string>): string => execFileSync("ip", args, { encoding: "utf8", stdio: "pipe" })

/** Makes `count` of them around one bridge; needs root and iproute2. Otherwise the one line that says why not. */
export const makeNamespaces = (count: number): Namespaces | string => {
  const tag = process.pid.toString(36)
  const bridge = `fb${tag}`
  const names = Array.from({ length: count }, (_, index) => ({
    space: `fovea-${tag}-${index}`,
    link: `fv${tag}${index}`
  }))
  const net = `10.${64 + (process.pid % 64)}.${(process.pid >> 6) % 256}`
  const remove = (): void => {
    for (const { space } of names) tried(() => ip("netns", "delete", space))
    tried(() => ip("link", "delete", bridge))
  }
  try {
    ip("link", "add", bridge, "type", "bridge")
    ip("address", "add", `${net}.1/24`, "dev", bridge)
    ip("link", "set", bridge, "up")
    for (const [index, { link, space }] of names.entries()) {
      ip("netns", "add", space)
      ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space)
      ip("link", "set", link, "master", bridge, "up")
      ip("-n", space, "address", "add", `${net}.${index + 2}/24`, "dev", "eth0")
      ip("-n", space, "link", "set", "eth0", "up")
      ip("-n", space, "link", "set", "lo", "up")
    }
  } catch (error) {
    remove()
    const detail = error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error)
    return `no network namespaces here: ${detail}`
  }
  const set = (index: number, state: "up" | "down"): void => {
    const { link } = names[index] ?? { link: "" }
    ip("link", "set", link, state)
  }
  return {
    host: `${net}.1`,
    under: (index) => ["ip", "netns", "exec", names[index]?.space ?? ""],
    cut: (index) => set(index, "down"),
    heal: (index) => set(index, "up"),
    remove
  }
}

const tried = (undo: () => unknown): void => {
  try {
    undo()
  } catch {
    // It was not made.
  }
}

import { createRequire } from "node:module"

const { resolve } = createRequire(import.meta.url)

/** Whether a package can be imported here: those that nobody needs to have are tested where they are. */
export const isInstalled = (name: string): boolean => {
  try {
    return resolve(name) !== ""
  } catch {
    return false
  }
}

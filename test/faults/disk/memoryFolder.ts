import { accessSync, constants } from "node:fs"
import { tmpdir } from "node:os"

/**
 * Where to put many small files that need not survive: Linux's file system in memory, where syncing costs nothing, or the
 * usual temporary folder.
 */
export const memoryFolder = ((): string => {
  try {
    accessSync("/dev/shm", constants.W_OK)
    return "/dev/shm"
  } catch {
    return tmpdir()
  }
})()

// Removes what an earlier build left, so that a package never holds a deleted module.
import { rmSync } from "node:fs"
import { resolve } from "node:path"

rmSync(resolve(import.meta.dirname, "../dist"), { recursive: true, force: true })

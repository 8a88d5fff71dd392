// Puts the text of docs/writing-a-backend/*.ts into docs/writing-a-backend.md, as build/guide.ts does for the guide. Run by
// `node build/backendGuide.ts`; a test fails when the page is out of date.
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { withExamples } from "./guide.ts"

const docs = resolve(import.meta.dirname, "../docs")

export const backendGuide = resolve(docs, "writing-a-backend.md")

export const readBackendExample = (name: string): string =>
  readFileSync(resolve(docs, "writing-a-backend", name), "utf8")

if (import.meta.main) {
  writeFileSync(backendGuide, withExamples(readFileSync(backendGuide, "utf8"), readBackendExample))
}

// Puts the text of docs/examples/*.ts into docs/guide.md, behind each `<!-- example: NAME -->`. Run by `npm run guide`; a
// test fails when the guide is out of date.
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"

const docs = resolve(import.meta.dirname, "../docs")

/** The guide with every example's present text behind its marker. */
export const withExamples = (guide: string, textOf: (name: string) => string): string =>
  guide.replace(
    /<!-- example: (\S+) -->\n(?:\n```ts\n[\s\S]*?\n```\n)?/g,
    (_, name: string) => `<!-- example: ${name} -->\n\n\`\`\`ts\n${textOf(name).trimEnd()}\n\`\`\`\n`
  )

export const readExample = (name: string): string => readFileSync(resolve(docs, "examples", name), "utf8")

if (import.meta.main) {
  const path = resolve(docs, "guide.md")
  writeFileSync(path, withExamples(readFileSync(path, "utf8"), readExample))
}

// Puts the text of docs/examples/*.ts into docs/guide.md and README.md, behind each `<!-- example: NAME -->`; with the words `without
// imports` what comes after the imports. Run by `npm run guide`; a test fails when one of them is out of date.
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

/** The pages that show examples. */
export const pages: ReadonlyArray<string> = ["docs/guide.md", "README.md"]

export const readPage = (page: string): string => readFileSync(resolve(root, page), "utf8")

/** A page with every example's present text behind its marker. */
export const withExamples = (page: string, textOf: (name: string) => string): string =>
  page.replace(
    /<!-- example: (\S+)( without imports)? -->\n(?:\n```ts\n[\s\S]*?\n```\n)?/g,
    (marker: string, name: string, without?: string) => {
      const text = without === undefined ? textOf(name) : afterImports(textOf(name))
      return `${marker.slice(0, marker.indexOf("\n"))}\n\n\`\`\`ts\n${text.trim()}\n\`\`\`\n`
    }
  )

/** What comes after a file's last import. */
const afterImports = (text: string): string => {
  const ends = Array.from(text.matchAll(/^(?:import|\}) .*from ".*"$/gm), (match) => match.index + match[0].length)
  return text.slice(ends.at(-1) ?? 0)
}

export const readExample = (name: string): string => readFileSync(resolve(root, "docs/examples", name), "utf8")

if (import.meta.main) {
  for (const page of pages) writeFileSync(resolve(root, page), withExamples(readPage(page), readExample))
}

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = resolve(import.meta.dirname, "../..")

const below = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name))

/** The text without its blocks of code. */
const proseOf = (page: string): string => readFileSync(join(root, page), "utf8").replace(/```[\s\S]*?```/g, "")

/** As GitHub makes anchors of headings. */
const anchorsOf = (page: string): ReadonlyArray<string> =>
  Array.from(proseOf(page).matchAll(/^#+ (.*)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-")
  )

describe("the pages of documentation", () => {
  const pages = ["README.md", ...below("docs")]

  it("link to files and headings that there are", () => {
    const broken = pages.flatMap((page) =>
      Array.from(proseOf(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link)
        .filter((link) => !/^https?:/.test(link))
        .filter((link) => {
          const [path = "", anchor] = link.split("#")
          const target = path === "" ? page : join(dirname(page), path)
          if (!existsSync(join(root, target))) return true
          return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).includes(anchor)
        })
        .map((link) => `${page}: ${link}`)
    )
    assert.deepStrictEqual(broken, [])
  })

  it("name files of the repository that there are", () => {
    const missing = pages.flatMap((page) =>
      Array.from(proseOf(page).matchAll(/(?<![\w/.])(?:src|docs|build)\/[\w./-]*\w/g), ([path]) => path)
        .filter((path) => !path.endsWith("/NAME.ts") && !existsSync(join(root, path)))
        .map((path) => `${page}: ${path}`)
    )
    assert.deepStrictEqual(missing, [])
  })
})

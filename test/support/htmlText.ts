/** Every tag of an HTML text with the names of its attributes: `a[href]`, `/a`. Hostile texts must not change it. */
export const skeletonOf = (page: string): ReadonlyArray<string> =>
  [...page.matchAll(/<(\/?[a-z!][^\s>]*)([^>]*)>/gi)].map(([, name = "", rest = ""]) => {
    const attributes = [...rest.matchAll(/\s([^\s=]+)(?:="[^"]*")?/g)].map(([, attribute]) => attribute)
    return attributes.length === 0 ? name : `${name}[${attributes}]`
  })

/** What a reader sees of an HTML text, and what its attributes say: all pieces, in order, unescaped. */
export const textsOf = (page: string): ReadonlyArray<string> => {
  const visible = page.replace(/<style>[\s\S]*?<\/style>/, "")
  const attributes = [...visible.matchAll(/="([^"]*)"/g)].map(([, value = ""]) => value)
  return [...attributes, ...visible.split(/<[^>]*>/)].map(unescaped)
}

const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#13": "\r" }

const unescaped = (text: string): string =>
  text.replaceAll(/&([a-z]+|#\d+);/g, (reference, name) => characters[String(name)] ?? reference)

/** Charts are drawn on white, whatever the page's colours. */
export const paper = "#FFFFFF"
export const ink = "#333333"
export const font = "Helvetica, Arial, DejaVu Sans, sans-serif"

/**
 * The library numbers its charts and their style classes through the whole process. A document must not depend on how
 * many came before it, so its names are numbered anew in the order in which they occur.
 */
export const renumbered = (svg: string, prefix: string): string => {
  const names = new Map<string, string>()
  return svg.replaceAll(/\bzr\d+-\w+(-\d+)?/g, (name) => {
    const known = names.get(name) ?? `${prefix}-${names.size}`
    names.set(name, known)
    return known
  })
}

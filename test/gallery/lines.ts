/**
 * Lines of a program that are neither blank, nor comment, nor import: what the budgets of `docs/gallery.md` count. Block comments and
 * imports that go over several lines are left out whole.
 */
export const countedLines = (text: string): number =>
  text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^import\b[^"]*"[^"]*"$/gm, "")
    .split("\n")
    .filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length

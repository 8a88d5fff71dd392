/** What an element is given besides its attributes: what is in it. */
export type Child = Node | string

/** An element of a page with these attributes and children. Texts are texts: nothing is parsed as markup. */
export const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
  ...children: ReadonlyArray<Child>
): HTMLElementTagNameMap[Tag] => {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "boolean") made.toggleAttribute(name, value)
    else made.setAttribute(name, String(value))
  }
  made.append(...children)
  return made
}

/** A text whose long words may be broken behind a dot or a slash. */
export const breakable = (text: string): ReadonlyArray<Child> =>
  text.split(/(?<=[./])/).flatMap((part, i) => (i === 0 ? [part] : [element("wbr"), part]))

/** A button that says what it does. */
export const button = (label: string, press: () => void, attributes: Readonly<Record<string, string>> = {}) => {
  const made = element("button", { type: "button", ...attributes }, label)
  made.addEventListener("click", press)
  return made
}

/** A slider with its label and its value next to it. */
export interface Slider {
  readonly root: HTMLElement
  readonly input: HTMLInputElement
  /** Puts it somewhere without telling `move`. */
  readonly set: (value: number) => void
}

/** A slider; `move` is told its value whenever a user moves it, and `text` says it in words. */
export const slider = (
  label: string,
  range: { readonly min: number; readonly max: number; readonly step: number; readonly value: number },
  move: (value: number) => void,
  text: (value: number) => string = (value) => value.toFixed(range.step >= 1 ? 0 : 2)
): Slider => {
  const input = element("input", { type: "range", ...range, "aria-label": label })
  const said = element("output")
  const show = (value: number): void => {
    said.textContent = text(value)
    input.setAttribute("aria-valuetext", text(value))
  }
  input.addEventListener("input", () => {
    show(input.valueAsNumber)
    move(input.valueAsNumber)
  })
  show(range.value)
  return {
    root: element("label", { class: "slider" }, element("span", {}, label), input, said),
    input,
    set: (value) => {
      input.value = String(value)
      show(value)
    }
  }
}

/** A field with its label. */
export const labelled = (label: string, field: HTMLElement): HTMLElement =>
  element("label", { class: "field" }, element("span", {}, label), field)

/** The element of this name, which the page has. */
export const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`internal: the page has no element "${id}"`)
  return found
}

import { type Html, html } from "../../page/html.ts"
import { formatCount } from "../../text/numbers.ts"

/** A grid of one point's samples. */
export interface PointImage {
  /** What tells the point from the others. */
  readonly caption: string
  /** A data URI. */
  readonly source: string
}

/** What is seen of all points at one update: a picture of each, or one of all. */
export interface ImagesAt {
  readonly update: number
  readonly images: ReadonlyArray<PointImage>
}

/**
 * The images of all points at one update next to each other, with a slider over the updates. The slider is a row of radio buttons, which arrow keys move along:
 * it works without scripts, which the page's policy forbids. The last update is shown first.
 */
export const imagesByUpdate = (updates: ReadonlyArray<ImagesAt>, isMontage: boolean): Html => {
  if (updates.length === 0) return html`<p>No point has drawn any images.</p>`
  return html`<fieldset class="course"><legend>Update</legend>
${updates.map(
  ({ update }, i) =>
    html`<label><input type="radio" name="update" value="${update}"${i === updates.length - 1 ? html` checked` : undefined}><span>${formatCount(update)}</span></label>`
)}
${updates.map(
  ({ update, images }) =>
    html`<div class="${isMontage ? "shot montage" : "shot"}" role="group" aria-label="After ${formatCount(update)} updates">${images.map(
      ({ caption, source }) =>
        html`<figure><img src="${source}" alt="Samples of ${caption} after ${formatCount(update)} updates"><figcaption>${caption}</figcaption></figure>`
    )}</div>`
)}
</fieldset>`
}

/** At most this many updates have a rule of their own in the page's style. */
export const mostUpdates = 50

/** The rules by which the chosen update is shown, and no other. */
export const imagesStyle = `
.course { border: 0; margin: 0; padding: 0; min-width: 0; display: flex; flex-wrap: wrap; gap: 0; }
.course legend { font: 600 .72rem/1.4 var(--sans); letter-spacing: .09em; text-transform: uppercase; color: var(--soft); padding: 0; }
.course label { flex: 1 1 2.6rem; display: grid; justify-items: center; font: .8rem/1.4 var(--sans); color: var(--soft); cursor: pointer; padding: .3rem 0 .8rem; background: linear-gradient(var(--line), var(--line)) 0 .95rem / 100% 2px no-repeat; }
.course input { accent-color: var(--link); width: 1.3rem; height: 1.3rem; margin: 0 0 .2rem; }
.course label:has(:checked) { color: var(--ink); font-weight: 600; }
.shot { display: none; width: 100%; grid-template-columns: repeat(auto-fill, minmax(min(100%, 8.5rem), 1fr)); gap: 1rem .8rem; }
.shot.montage { grid-template-columns: minmax(0, 1fr); }
.shot img { width: 100%; image-rendering: pixelated; background: #fff; border-radius: 3px; outline: 1px solid var(--line); }
.shot figcaption { font: .76rem/1.4 var(--sans); color: var(--soft); margin-top: .35rem; overflow-wrap: anywhere; }
${Array.from(
  { length: mostUpdates },
  (_, i) => `.course:has(label:nth-of-type(${i + 1}) :checked) > .shot:nth-of-type(${i + 1})`
).join(",\n")} { display: grid; }
`

/** Rules of pages that are operated: buttons, sliders and fields, large enough for a finger. They come behind `pageStyle`. */
export const controlStyle = `
button, select, input { font: .92rem/1.3 var(--sans); color: inherit; }
button, select, input[type="number"], input[type="text"] { background: var(--tint); border: 1px solid var(--line); border-radius: 6px; padding: .45rem .8rem; min-height: 2.5rem; }
button { cursor: pointer; }
button:hover { border-color: var(--soft); }
button.main { background: var(--link); border-color: var(--link); color: var(--page); font-weight: 600; }
button:disabled { opacity: .5; cursor: default; }
[aria-invalid="true"] { border-color: var(--fails); outline: 1px solid var(--fails); }
input[type="range"] { accent-color: var(--link); min-width: 0; width: 100%; height: 1.8rem; margin: 0; }
input[type="checkbox"] { accent-color: var(--link); width: 1.2rem; height: 1.2rem; margin: 0; }
.buttons { display: flex; flex-wrap: wrap; gap: .6rem .9rem; align-items: center; margin: 0 0 1rem; max-width: none; }
.field { display: inline-flex; gap: .5rem; align-items: center; font: .92rem/1.3 var(--sans); }
.slider { display: grid; grid-template-columns: auto minmax(4rem, 1fr) auto; gap: .2rem .7rem; align-items: center; font: .88rem/1.3 var(--sans); }
.slider output { font-variant-numeric: tabular-nums; color: var(--soft); min-width: 3.2rem; }
.hint, .status { font: .86rem/1.5 var(--sans); color: var(--soft); }
[role="alert"] { color: var(--fails); font-weight: 600; }
`

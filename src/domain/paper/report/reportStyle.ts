/** What the report's page needs besides the style of all pages: its tables, and the verdicts on claims. */
export const reportStyle = `
.verdicts { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; padding: 0; margin: 1.5rem 0 0; }
.verdicts a, .verdict-links a { display: inline-flex; gap: .5rem; align-items: center; font: .88rem/1.4 var(--sans); color: inherit; text-decoration: none; }
.verdicts a { border: 1px solid var(--line); border-radius: 6px; padding: .3rem .4rem .3rem .6rem; background: var(--tint); }
.verdicts a:hover, .verdict-links a:hover { text-decoration: underline; }
.verdict-links { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; margin-top: 1.3em; }
.badge { display: inline-block; font: 600 .8rem/1.3 var(--sans); padding: .16em .6em; border-radius: 4px; border: 1.5px solid currentColor; white-space: nowrap; }
.badge.holds { color: var(--page); background: var(--holds); border-color: var(--holds); }
.badge.fails { color: var(--fails); }
.badge.unclear { color: var(--soft); border-style: dashed; }
.measures td, .trainings td, .classes td { white-space: nowrap; }
.measures tbody th, .trainings tbody th, .classes tbody th { position: sticky; left: 0; background: var(--page); min-width: 8.5rem; }
.measures tbody th small { display: block; }
.measures .reference th, .measures .reference td { color: var(--soft); font-style: italic; }
.measures .reference th small { font-style: normal; }
.measures tbody + tbody tr:first-child > * { border-top-color: var(--ink); }
.measures b { font-weight: 700; box-shadow: inset 0 -.14em var(--accent); }
.classes td { background: linear-gradient(var(--bars), var(--bars)) bottom center / calc(100% - 6px) var(--bar) no-repeat; vertical-align: bottom; height: 3.4rem; text-align: center; padding-left: 3px; padding-right: 3px; min-width: 3.1rem; }
.classes td:last-child { padding-right: 3px; }
.classes thead th { text-align: center; }
.classes thead th:first-child { text-align: left; }
.classes tbody th { vertical-align: bottom; }
.trainings thead th:nth-child(n+6) { min-width: 6.5rem; }
.settings td { text-align: left; overflow-wrap: anywhere; min-width: 6.5rem; }
.settings thead th { text-align: left; }
.settings tbody th { font-weight: 400; min-width: 11rem; }
.settings td:last-child { padding-right: .7rem; }
.claims th, .claims td { text-align: left; padding: 1.1rem 1.4rem 1.1rem 0; }
.claims thead th { padding-top: .5rem; padding-bottom: .5rem; }
.claims tbody th { font: 400 1.02rem/1.5 var(--serif); width: 42%; }
.claims .rule { font: .92rem/1.5 var(--serif); color: var(--soft); margin: .6em 0 0; }
.claims .seeds { font: .88rem/1.4 var(--sans); color: var(--soft); }
.claims td p { font: .95rem/1.5 var(--serif); margin: .7em 0; }
.claims details { border: 0; margin-top: .7em; }
.claims tr:target { background: var(--tint); }
.claim-id { display: block; font: 700 1.5rem/1 var(--sans); color: var(--accent); letter-spacing: -.02em; margin-bottom: .5rem; }
.numbers { margin: 0; }
.numbers div { display: flex; justify-content: space-between; gap: 1rem; padding: .22rem 0; border-bottom: 1px dotted var(--line); }
.numbers div:last-child { border-bottom: 0; }
.numbers dt { color: var(--soft); min-width: 0; }
.numbers dd { margin: 0; white-space: nowrap; font-weight: 600; }
.making dt { font: 600 .72rem/1.4 var(--sans); letter-spacing: .09em; text-transform: uppercase; color: var(--soft); margin-top: 1.2em; }
.making dd { margin: .2em 0 0; overflow-wrap: anywhere; }
@media (max-width: 61.99rem) {
  .claims, .claims tbody, .claims tr, .claims tbody th, .claims td, .claims caption { display: block; width: auto; }
  .claims thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .claims tr { border-top: 1px solid var(--ink); padding: 1.1rem 0 1.4rem; }
  .claims tbody th, .claims td { border: 0; padding: 0 0 .9rem; width: auto; }
  .numbers dt { overflow-wrap: anywhere; }
}
@media print {
  .claims details::details-content { content-visibility: visible; }
  .claims tr { break-inside: avoid; }
}
`

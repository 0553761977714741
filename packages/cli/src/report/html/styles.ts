/** The style of a report: one column that is readable at 360 pixels, dark, light and on paper. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f8fa; --text: #1b1f24; --soft: #545d68; --line: #d3d9e0;
  --accent: #0b6bcb; --accent-soft: #b9d7f5; --second: #b35309; --good: #1a7f37; --bad: #b42318;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --card: #1d2229; --text: #e6e9ed; --soft: #a7b0bb; --line: #38404a;
    --accent: #6cb2ff; --accent-soft: #24507f; --second: #f0a35e; --good: #57c878; --bad: #ff8f86;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", sans-serif;
  overflow-wrap: anywhere;
}
main, header, footer { max-width: 66rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--accent); }
code { font: .875em/1.4 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
.soft { color: var(--soft); }
.state { font-weight: 600; }
.state.good { color: var(--good); } .state.bad { color: var(--bad); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 1rem 0 0; padding: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.75rem, 1fr)); gap: .75rem; margin: 1.25rem 0 0; }
.tiles > div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .75rem; }
.tiles dt { color: var(--soft); font-size: .875rem; }
.tiles dd { margin: 0; font-size: 1.1875rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dd small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft); }
.facts { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .3rem 1rem; margin: 0; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; }
figure { margin: 1rem 0; }
figcaption { font-weight: 600; margin-bottom: .25rem; }
figcaption small, .note { font-weight: 400; font-size: .875rem; color: var(--soft); }
figcaption small { display: block; }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 1rem; }
.multiples svg text { stroke: var(--card); }
.multiples figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; }
svg.chart { display: block; width: 100%; overflow: visible; }
svg text { fill: var(--soft); stroke: var(--page); stroke-width: 3px; stroke-linejoin: round; paint-order: stroke; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", sans-serif; }
.bar { fill: var(--accent); } .bar.second { fill: var(--second); }
.area { fill: var(--accent-soft); } .track { fill: var(--line); }
.line { fill: none; stroke: var(--accent); stroke-width: 2; } .line.second { stroke: var(--second); stroke-dasharray: 6 3; }
.grid { stroke: var(--line); stroke-width: 1; }
ul.tops { list-style: none; margin: 0; padding: 0; font-size: .875rem; }
ul.tops span { display: flex; justify-content: space-between; gap: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--soft); font-size: .8125rem; overflow-wrap: break-word; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.bars { width: 40%; min-width: 5rem; }
td:last-child, th:last-child { padding-right: 0; }
.values td, .values th { font-size: .875rem; min-width: 4rem; }
.list { list-style: none; margin: 0; padding: 0; }
.list > li { padding: .5rem 0; border-bottom: 1px solid var(--line); }
.list p { margin: .125rem 0; }
.warning { border-left: .25rem solid var(--second); background: var(--card); padding: .5rem .75rem; margin: .75rem 0; }
.key { display: inline-block; width: 1.5rem; height: .75rem; vertical-align: baseline; }
footer { color: var(--soft); font-size: .875rem; padding-top: 2rem; padding-bottom: 2rem; }
@media (max-width: 34rem) {
  .facts { grid-template-columns: minmax(0, 1fr); gap: 0; } .facts dd { margin-bottom: .5rem; }
  .wide-only { display: none; }
  td.bars { width: 28%; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --card: #ffffff; --text: #000000; --soft: #444444; --line: #bbbbbb;
    --accent: #0b5cad; --accent-soft: #c4dcf5; --second: #9a4708; --good: #1a6e31; --bad: #9c1c12;
  }
  @page { margin: 1.5cm; }
  body { font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  h2, h3, caption, figcaption { break-after: avoid; }
  figure, tr, .tiles > div, .list > li { break-inside: avoid; }
  main, header, footer { max-width: none; padding-left: 0; padding-right: 0; }
}
`;

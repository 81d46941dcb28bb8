// The page's style: one column of sections, light or dark as the reader has it, printable.
import { Html } from './html.js';

export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --paper: #fdfdfc; --ink: #1d2329; --muted: #5b6670; --rule: #e3e6e8; --soft: #f3f5f6;
  --accent: #0b5a8a; --line: #17699b; --final: #2c7a74; --provisional: #c07a12; --provisional-text: #8a5400;
  --stale: #b3322b; --missing: #76818b;
  --kind-1: #17699b; --kind-2: #5fa8c9; --kind-3: #c9a24b; --kind-4: #8b949c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --ink: #e6eaed; --muted: #a0abb5; --rule: #2c343b; --soft: #1c2227;
    --accent: #7cc0ea; --line: #6cb6e2; --final: #4fb0a6; --provisional: #e0a13d; --provisional-text: #ebb75f;
    --stale: #ef7f76; --missing: #86929c;
    --kind-1: #6cb6e2; --kind-2: #2f7ea8; --kind-3: #d9b566; --kind-4: #8b949c;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 74rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { margin: 0; font-size: 2.1rem; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 0.75rem; font-size: 1.3rem; line-height: 1.3; }
h3 { margin: 2rem 0 0.5rem; font-size: 1.05rem; }
p { margin: 0 0 0.9rem; max-width: 46rem; }
a { color: var(--accent); }
code { font: 0.92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 0.5rem; }
.patterns { position: absolute; }
.kind { margin: 0 0 0.2rem; color: var(--muted); font-size: 0.9rem; }
.lede { margin: 0.8rem 0 1.5rem; font-size: 1.15rem; }
.note, .nothing, caption { color: var(--muted); }
.note { font-size: 0.875rem; }
dl { margin: 0; }
dd { margin: 0; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 1.5rem; }
.facts > div { display: contents; }
.facts dt { color: var(--muted); }
.facts dd { overflow-wrap: anywhere; }
.account { display: block; }
nav { margin: 1.75rem 0 0; padding: 0.7rem 0; border: solid var(--rule); border-width: 1px 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.35rem 1.4rem; margin: 0; padding: 0; list-style: none; font-size: 0.95rem; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { padding-top: 2.5rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.5rem; margin: 0 0 1rem; padding: 0; list-style: none; font-size: 0.9rem; }
.legend svg { vertical-align: -2px; margin-right: 0.25rem; }
.legend span { color: var(--muted); }
.legend-inline { display: inline-flex; flex-wrap: wrap; gap: 0 0.9rem; margin-left: 0.5rem; font-size: 0.875rem; color: var(--muted); }
.legend-inline i { display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.35em; border-radius: 2px; }
figure { margin: 0; min-width: 0; overflow-x: auto; }
figcaption { margin-bottom: 0.3rem; line-height: 1.35; }
figure svg { display: block; width: 100%; height: auto; max-width: 26rem; }
figure svg { color: var(--muted); font-size: 11px; }
.calendars { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 1.5rem; margin-bottom: 1.5rem; }
.calendars figure { min-width: min(100%, 20rem); max-width: 100%; }
/* A long name is no reason for a wider place. */
.calendars figcaption { width: 0; min-width: 100%; }
/* What is too wide for a phone shows its end first, where the newest dates are. */
.calendars figure { direction: rtl; }
.calendars figcaption, .calendars svg { direction: ltr; }
.calendars figure svg { width: auto; max-width: none; margin-right: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 2rem 2.5rem; margin: 1.5rem 0 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 1.1rem 1.5rem; }
.tiles dt { color: var(--muted); font-size: 0.9rem; }
.tiles b { display: block; font-size: 1.5rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
details { margin: 0.75rem 0; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
details[open] > summary { margin-bottom: 0.5rem; }
.scroll { overflow: auto; max-height: 28rem; border: 1px solid var(--rule); border-radius: 4px; }
.scroll + .scroll { margin-top: 1rem; }
.scroll + .note { margin-top: 0.6rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 0.4rem 0.6rem; text-align: left; vertical-align: top; border-top: 1px solid var(--rule); }
tbody th { font-weight: 400; }
thead th { position: sticky; top: 0; background: var(--soft); border-top: 0; font-weight: 600; vertical-align: bottom; }
td { white-space: nowrap; }
time, .whole { white-space: nowrap; }
td:last-child:not(.number) { white-space: normal; min-width: 8rem; }
.number { text-align: right; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--muted); font-size: 0.9rem; }
@media (max-width: 40rem) {
  body { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.7rem; }
  .lede { font-size: 1.05rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 0.6rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tiles b { font-size: 1.25rem; }
}
@media print {
  :root {
    --paper: #fff; --ink: #000; --muted: #444; --rule: #ccc; --soft: #fff; --accent: #000; --line: #17699b; --final: #2c7a74;
    --provisional: #c07a12; --provisional-text: #8a5400; --stale: #b3322b; --missing: #76818b;
    --kind-1: #17699b; --kind-2: #5fa8c9; --kind-3: #c9a24b; --kind-4: #8b949c;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  nav, .skip, details:not([open]) { display: none; }
  .scroll { max-height: none; overflow: visible; border: 0; }
  section { padding-top: 1.6rem; }
  p, figure, tr, .scroll, .tiles, .legend { break-inside: avoid; }
  h2, h3, h2 + p, figcaption, .legend { break-after: avoid; }
  table { font-size: 8pt; }
  th, td { padding: 0.2rem 0.4rem; }
  thead th { position: static; }
  .charts { grid-template-columns: 1fr 1fr; }
}
`);

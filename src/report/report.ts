// A dataflow as one HTML page that needs nothing else: no script, no network.
import type { ReportFacts } from './facts.js';
import { html, type Html } from './html.js';
import { section } from './parts.js';
import { callsSection } from './sections/calls.js';
import { freshnessSection } from './sections/freshness.js';
import { head } from './sections/head.js';
import { numbersSection } from './sections/numbers.js';
import { breakdownsSection, objectsSection } from './sections/parts-of-whole.js';
import { reconciledSection } from './sections/reconciled.js';
import { rejectedSection } from './sections/rejected.js';
import { restatementSection } from './sections/restatement.js';
import { runsSection } from './sections/runs.js';
import { STYLE } from './style.js';

/** What charts fill with, once for all of them. */
const patterns = (): Html =>
  html`<svg class="patterns" width="0" height="0" aria-hidden="true">
    <defs>
      <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="4" height="4" fill="var(--paper)" />
        <rect width="1.8" height="4" fill="var(--provisional)" />
      </pattern>
      <pattern id="tail" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="1.2" height="6" fill="var(--provisional)" fill-opacity="0.35" />
      </pattern>
    </defs>
  </svg>`;

/** Nothing that a page could load or run, should a name ever get into it as more than text. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** @returns a whole HTML document, encoded as UTF-8 */
export const renderReport = (facts: ReportFacts): string => {
  const sections = [
    freshnessSection(facts),
    reconciledSection(facts),
    numbersSection(facts),
    objectsSection(facts),
    breakdownsSection(facts),
    restatementSection(facts),
    callsSection(facts),
    runsSection(facts),
    rejectedSection(facts),
  ];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${facts.dataflow}: Pinterest Ads report</title>
        <link rel="icon" href="data:," />
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <a class="skip" href="#freshness">Skip to the report</a>
        ${patterns()} ${head(facts)}
        <nav aria-label="Sections">
          <ul>
            ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
          </ul>
        </nav>
        <main>${sections.map(section)}</main>
        <footer>
          <p>Dates are UTC. Made by <code>npx pinterest-ads report ${facts.dataflow}</code>.</p>
        </footer>
      </body>
    </html> `.text;
};

// Charts as SVG, drawn without a browser. Their colours are the page's own, so that they follow light, dark and print.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { html, Html } from './html.js';

export { Plot };

const { document } = parseHTML('<!doctype html><html></html>');

/** In their own units, which are pixels on a phone: what is drawn for it reads well on a wider screen and on paper. */
export const CHART_WIDTH = 352;

/**
 * A chart with its caption; what it shows stands as a table beside it, so it is one picture to a screen reader.
 * @param label what it shows, in one sentence
 */
export const figure = (caption: Html, label: string, options: Plot.PlotOptions): Html => {
  const svg = Plot.plot({
    width: CHART_WIDTH,
    ...options,
    document,
    style: { background: 'none', overflow: 'visible' },
  });
  // What Plot labels are parts of one picture.
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  svg.querySelector('style')?.remove();
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  return html`<figure>
    <figcaption>${caption}</figcaption>
    ${new Html(svg.outerHTML)}
  </figure>`;
};

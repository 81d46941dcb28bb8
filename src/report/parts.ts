// Parts that several sections have: tables that scroll in their own box, numbers behind a chart, a section with its head.
import { html, type Html } from './html.js';

export type Cell = Html | string | number;

/** A column; numbers stand at the right. */
export interface Head {
  name: string;
  number?: true;
}

/** A column of numbers. */
export const number = (name: string): Head => ({ name, number: true });

/** Reachable by keyboard, since it may scroll. The first column names the row. */
export const table = (caption: string, heads: readonly Head[], rows: readonly (readonly Cell[])[]): Html =>
  html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map(({ name, number }) => html`<th scope="col" ${number ? html` class="number"` : null}>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, i) =>
                i === 0
                  ? html`<th scope="row">${cell}</th>`
                  : html`<td${heads[i]?.number ? html` class="number"` : null}>${cell}</td>`,
              )}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;

export const details = (summary: string, content: Html): Html =>
  html`<details>
    <summary>${summary}</summary>
    ${content}
  </details>`;

export interface Section {
  id: string;
  title: string;
  /** What it says, or why there is nothing. */
  content: Html;
}

export const section = ({ id, title, content }: Section): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section> `;

export const nothing = (why: string): Html => html`<p class="nothing">${why}</p>`;

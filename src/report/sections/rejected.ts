// Rows that did not fit, by reason.
import { count, plural } from '../../number-words.js';
import type { ReportFacts } from '../facts.js';
import { html } from '../html.js';
import { nothing, number, table, type Section } from '../parts.js';
import { list, time } from '../words.js';

export const rejectedSection = ({ rejected }: ReportFacts): Section => {
  const left = rejected.reasons - rejected.listed.length;
  return {
    id: 'rejected',
    title: 'Rejected rows',
    content:
      rejected.rows === 0
        ? nothing('None: every row that came is in the tables.')
        : html`<p>
              ${plural(rejected.rows, 'row')} did not fit, for ${plural(rejected.reasons, 'reason')}, and
              stand as they came in the table <code>rejected_rows</code>. The next run reads their dates
              again.
            </p>
            ${table(
              'Rejected rows by reason',
              [{ name: 'Reason' }, number('rows'), { name: 'Of' }, { name: 'Last' }],
              rejected.listed.map(({ reason, rows, objectType, target, lastAtMs }) => [
                reason,
                count(rows),
                list([
                  ...(objectType ? [objectType.replace('_', ' ')] : []),
                  ...(target ? [`target ${target}`] : []),
                ]),
                time(lastAtMs),
              ]),
            )}
            ${left > 0 ? html`<p class="note">${plural(left, 'more reason')} of fewer rows.</p>` : null}`,
  };
};

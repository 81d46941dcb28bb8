// The view `freshness`: for each table and date of a dataflow's window, whether its numbers are final. The same subtraction as
// planning makes, wanted − held, in SQL: `wanted` is kept by each plan, the rest is catalogue and coverage.
import { ALL, SETTLE_DAYS } from '../../dataflow/coverage.js';
import { FURTHEST_BACK } from '../../dataflow/guardrails.js';
import { OBJECT_TYPES } from '../../dataflow/object-types.js';
import { COVERAGE, WANTED } from '../tables.js';
import { column, type Standing, type View } from './view.js';

/** The key of a dataset, as one column. */
const dataset = (row: string): string => `${row}.object_type || coalesce('/' || ${row}.breakdown, '')`;

/** An object that the catalogue has not shown is held by what named no ids alone. */
const NEVER_SEEN = `TIMESTAMP '9999-12-31'`;

/** When the cell of a date was asked for, as `askedForAt` has it. */
const ASKED_FOR = 'coalesce((d.last_date + r.asked_after_days::INTEGER)::TIMESTAMP, r.asked_for)';

/** Objects that were read by the same answers are `alike`: one of them speaks for all, or views of many ids would take minutes. */
const queryOf = ({ table }: Standing): string => `
  WITH clock AS (
    SELECT DATE '1970-01-01' + floor(extract(epoch FROM now()) / 86400)::INTEGER AS today
  ), datasets AS (
    SELECT w.*, ${dataset('w')} AS dataset FROM ${table(WANTED.name)} w
  ), days AS (
    SELECT w.*, today, today - n::INTEGER AS date,
      CASE granularity
        WHEN 'WEEK' THEN today - n::INTEGER + 6
        WHEN 'MONTH' THEN (today - n::INTEGER + INTERVAL '1 month')::DATE - 1
        ELSE today - n::INTEGER
      END AS last_date
    FROM clock CROSS JOIN datasets w JOIN generate_series(0, ${FURTHEST_BACK.other - 1}) AS behind(n) ON n < w.backfill_days
    WHERE CASE granularity
      WHEN 'WEEK' THEN extract(isodow FROM today - n::INTEGER) = 1
      WHEN 'MONTH' THEN extract(day FROM today - n::INTEGER) = 1
      WHEN 'TOTAL' THEN n = 0
      ELSE true
    END
  ), catalogue AS (
    ${OBJECT_TYPES.map(
      (type) => `SELECT ad_account_id, '${type}' AS object_type, id, _first_seen_at FROM ${table(type)}`,
    ).join(' UNION ALL ')}
  ), listed AS (
    SELECT ad_account_id, object_type, dataset, unnest(string_to_array(ids, ',')) AS id FROM datasets WHERE ids <> ''
  ), objects AS (
    SELECT w.ad_account_id, w.dataset, c.id, c._first_seen_at AS seen
    FROM datasets w JOIN catalogue c ON c.ad_account_id = w.ad_account_id AND c.object_type = w.object_type
    WHERE w.ids IS NULL
    UNION ALL
    SELECT l.ad_account_id, l.dataset, l.id, coalesce(c._first_seen_at, TIMESTAMP '1970-01-01')
    FROM listed l LEFT JOIN catalogue c
      ON c.ad_account_id = l.ad_account_id AND c.object_type = l.object_type AND c.id = l.id
  ), held AS (
    SELECT w.ad_account_id, w.dataset, c.scope, c."from", c."to", c.asked_for, c.asked_after_days, c.complete, c.known_ids_at,
      c.attribution = w.attribution AND c.granularity = w.granularity
        AND string_to_array(c.columns, ',') @> string_to_array(w.columns, ',') AS fits
    FROM datasets w JOIN ${table(COVERAGE.name)} c ON c.ad_account_id = w.ad_account_id AND ${dataset('c')} = w.dataset
  ), own AS (
    SELECT DISTINCT ad_account_id, dataset, scope FROM held WHERE scope <> '${ALL}'
  ), kinds AS (
    SELECT DISTINCT o.ad_account_id, o.dataset, coalesce(own.scope, '${ALL}') AS scope, o.seen,
      coalesce(own.scope, '${ALL}') || ' ' || o.seen::TEXT AS kind
    FROM objects o LEFT JOIN own ON own.ad_account_id = o.ad_account_id AND own.dataset = o.dataset AND own.scope = o.id
    UNION ALL
    SELECT w.ad_account_id, w.dataset, '${ALL}', ${NEVER_SEEN}, '${ALL}' FROM datasets w
    WHERE w.ids IS NULL AND NOT EXISTS (
      SELECT 1 FROM objects o WHERE o.ad_account_id = w.ad_account_id AND o.dataset = w.dataset)
  ), reads AS (
    SELECT k.ad_account_id, k.dataset, k.kind, h."from", h."to", h.asked_for, h.asked_after_days, h.complete, h.fits
    FROM kinds k JOIN held h ON h.ad_account_id = k.ad_account_id AND h.dataset = k.dataset AND h.scope = k.scope
    WHERE h.scope <> '${ALL}'
    UNION ALL
    SELECT k.ad_account_id, k.dataset, k.kind, h."from", h."to", h.asked_for, h.asked_after_days, h.complete, h.fits
    FROM kinds k JOIN held h ON h.ad_account_id = k.ad_account_id AND h.dataset = k.dataset AND h.scope = '${ALL}'
    WHERE h.known_ids_at IS NULL OR k.seen <= h.known_ids_at
  ), histories AS (
    SELECT ad_account_id, dataset, kind,
      string_agg(concat_ws(' ', "from"::TEXT, "to"::TEXT, asked_for::TEXT, coalesce(asked_after_days::TEXT, '-'), complete::TEXT, fits::TEXT), ','
        ORDER BY asked_for, "from", "to") AS history
    FROM reads GROUP BY ad_account_id, dataset, kind
  ), alike AS (
    SELECT k.ad_account_id, k.dataset, min(k.kind) AS kind
    FROM kinds k LEFT JOIN histories h
      ON h.ad_account_id = k.ad_account_id AND h.dataset = k.dataset AND h.kind = k.kind
    GROUP BY k.ad_account_id, k.dataset, coalesce(h.history, '')
  ), told AS (
    SELECT r.* FROM reads r JOIN alike a
      ON a.ad_account_id = r.ad_account_id AND a.dataset = r.dataset AND a.kind = r.kind
  ), newest AS (
    SELECT d.ad_account_id, d.table_name, d.breakdown, d.date, d.today, ${ASKED_FOR} AS asked_for, r.complete, r.fits,
      d.last_date + d.restate_days::INTEGER + ${SETTLE_DAYS} AS final_on,
      row_number() OVER (
        PARTITION BY d.ad_account_id, d.dataset, d.date, a.kind
        ORDER BY coalesce(${ASKED_FOR}, TIMESTAMP '1970-01-01') DESC, r.complete, r.fits
      ) AS place
    FROM days d
    JOIN alike a ON a.ad_account_id = d.ad_account_id AND a.dataset = d.dataset
    LEFT JOIN told r ON r.ad_account_id = a.ad_account_id AND r.dataset = a.dataset AND r.kind = a.kind
      AND CASE d.granularity
        WHEN 'TOTAL' THEN r."to" = d.date AND r."from" = d.date - d.backfill_days::INTEGER + 1
        ELSE d.date BETWEEN r."from" AND r."to"
      END
  ), cells AS (
    SELECT *, asked_for::DATE >= final_on AND complete AS final FROM newest WHERE place = 1
  )
  SELECT ad_account_id, table_name, breakdown, date, min(asked_for) AS read_at, final_on,
    CASE
      WHEN count(asked_for) = 0 THEN 'never read'
      WHEN bool_or(asked_for IS NULL OR NOT fits OR (asked_for < today AND NOT final)) THEN 'stale'
      WHEN bool_and(final) THEN 'final'
      ELSE 'provisional'
    END AS state
  FROM cells GROUP BY ad_account_id, table_name, breakdown, date, today, final_on`;

export const freshnessView = (standing: Standing): View => ({
  name: 'freshness',
  columns: ['ad_account_id', 'table_name', 'breakdown', 'date', 'state', 'read_at', 'final_on'].map((name) =>
    column(name),
  ),
  from: `(${queryOf(standing)}) AS dates`,
});

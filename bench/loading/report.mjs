// A generated report for the loading benchmarks: its rows, files and server. Each measurement is a process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export const DAYS = 180;
export const METRICS = [
  ...['SPEND_IN_MICRO_DOLLAR', 'CPC_IN_MICRO_DOLLAR', 'CPM_IN_MICRO_DOLLAR', 'ECPC_IN_MICRO_DOLLAR'],
  ...['IMPRESSION_1', 'IMPRESSION_2', 'CLICKTHROUGH_1', 'CLICKTHROUGH_2', 'OUTBOUND_CLICK_1', 'REPIN_1'],
  ...['ENGAGEMENT_1', 'VIDEO_MRC_VIEWS_1', 'TOTAL_IMPRESSION_USER', 'TOTAL_PAGE_VISIT', 'TOTAL_CONVERSIONS'],
  ...['TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR', 'CTR', 'ECTR', 'CHECKOUT_ROAS', 'TOTAL_IMPRESSION_FREQUENCY'],
];

export const dateOf = (day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);

/**
 * A loading benchmark's command line: `--rows`, `--bad`, `--runs`, what `withReport` hands to its processes, and more.
 * @param more further options, all with a value
 */
export const readOptions = (more) => {
  const defaults = { rows: '1000000', bad: '0', runs: '3', role: 'main', folder: '', url: '', ...more };
  const options = Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }]);
  const { values } = parseArgs({ options: Object.fromEntries(options) });
  return { ...values, rows: Number(values.rows), bad: Number(values.bad), runs: Number(values.runs) };
};

/** The report itself, and a file with a line for each of its sound rows. */
export const filesIn = (folder) => ({
  report: join(folder, 'report.json'),
  lines: join(folder, 'rows.lines'),
});

/** @yields the rows: ids, date, and metrics by name (a tenth of them absent) */
function* rowsOf(count) {
  for (let row = 0; row < count; row++) {
    const [ad, day] = [Math.floor(row / DAYS), row % DAYS];
    const metrics = METRICS.flatMap((name, index) => {
      if (Math.random() < 0.1) return [];
      return [[name, index < 16 ? Math.floor(Math.random() * 10 ** (3 + (index % 6))) : Math.random()]];
    });
    yield {
      day,
      ad: `687195134${String(ad).padStart(9, '0')}`,
      adGroup: `26800595${String(ad >> 3).padStart(6, '0')}`,
      campaign: String(626735565838 + (ad >> 6)),
      date: dateOf(day),
      metrics,
    };
  }
}

/** A row as JSON, as it stands in the report. */
export const jsonOf = ({ ad, adGroup, campaign, date, metrics }) =>
  `{${[
    `"AD_ID":${ad},"AD_GROUP_ID":"${adGroup}","CAMPAIGN_ID":${campaign},"DATE":"${date}"`,
    ...metrics.map(([name, value]) => `"${name}":${value}`),
  ].join(',')}}`;

const spoil = (line, number) =>
  number % 2 === 0
    ? line.replace(/}$/, `,"SPEND_IN_MICRO_DOLLAR":"N/A"}`).replace(/"SPEND_IN_MICRO_DOLLAR":\d+,/, '')
    : line.replace(/"DATE":"[^"]*"/, '"DATE":"2026-02-30"');

/**
 * Writes the same rows as a report and as lines.
 * @param bad how many rows of the report are spoiled, evenly spread
 * @param lineOf what a row is as a line of the other file
 */
export const generate = async (folder, { rows, bad = 0, lineOf }) => {
  const files = filesIn(folder);
  const [report, others] = [createWriteStream(files.report), createWriteStream(files.lines)];
  const write = async (stream, text) => void (stream.write(text) || (await once(stream, 'drain')));
  const badEvery = bad > 0 ? Math.floor(rows / bad) : Infinity;
  let [objects, lines, number] = [[], [], 0];
  for (const row of rowsOf(rows)) {
    const isBad = number % badEvery === badEvery - 1;
    const json = isBad ? spoil(jsonOf(row), Math.floor(number / badEvery)) : jsonOf(row);
    const start = row.day > 0 ? ',' : `${number > 0 ? '],' : '{'}"${row.ad}":[`;
    objects.push(start + json);
    lines.push(`${lineOf(row)}\n`);
    number++;
    if (lines.length < 2_000) continue;
    await write(report, objects.join(''));
    await write(others, lines.join(''));
    [objects, lines] = [[], []];
  }
  report.end(`${objects.join('')}]}`);
  others.end(lines.join(''));
  await Promise.all([once(report, 'finish'), once(others, 'finish')]);
};

/** Serves the report, and tells its parent where. */
export const serve = (folder) => {
  const { report } = filesIn(folder);
  const server = http.createServer((_request, response) => createReadStream(report).pipe(response));
  server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}/`));
};

/** The report as it comes from its server. */
export const download = async (url) => (await once(http.get(url), 'response'))[0];

/**
 * Runs `body` with a generated report that is being served.
 * @param program this very benchmark: it is started again with `--role generate`, `--role serve` and what `measure` names
 * @param body gets `measure(role)`, which answers with what that process reported
 */
export const withReport = async (program, given, body) => {
  const folder = await mkdtemp(join(tmpdir(), 'loading-'));
  const start = (role, more = {}) => {
    const options = { ...given, ...more, role, folder };
    return fork(
      program,
      Object.entries(options).map(([name, value]) => `--${name}=${value}`),
    );
  };
  let server;
  try {
    await once(start('generate'), 'exit');
    const megabytes = ((await stat(filesIn(folder).report)).size / 1e6).toFixed(0);
    console.log(`${given.rows} rows × ${METRICS.length} metrics, ${given.bad} bad, ${megabytes} MB`);
    server = start('serve');
    const [url] = await once(server, 'message');
    await body(async (role) => {
      const child = start(role, { url });
      const failed = once(child, 'exit').then(() => Promise.reject(new Error(`${role} came to nothing`)));
      return (await Promise.race([once(child, 'message'), failed]))[0];
    });
  } finally {
    server?.kill();
    await rm(folder, { recursive: true, force: true });
  }
};

/** Tells the parent process what was measured, and ends. */
export const tell = (measured) => process.send({ peakMiB: peakMiB(), ...measured }, () => process.exit());

/** Seconds since `startedMs` of `performance.now()`. */
export const since = (startedMs) => (performance.now() - startedMs) / 1_000;

/** Seconds of CPU time since `before` of `process.cpuUsage()`, of all threads. */
export const cpuSince = (before) => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

/** The most resident memory this process ever had. */
export const peakMiB = () =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1_024);

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

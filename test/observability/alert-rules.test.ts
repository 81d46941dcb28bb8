// The rules that ship for Prometheus: of numbers that a worker has, each with what to do and a unit test of its own.
// Prometheus itself checks and runs them, where this machine has its promtool.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { createMetrics } from '../../src/observability/metrics.js';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}
const read = (path: string): string => readFileSync(path, 'utf8');
const rules = (
  parse(read('monitoring/prometheus-rules.yml')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules);
const named = rules.map((rule) => [rule.alert, rule] as const);
const operations = read('docs/operations.md');

test('they are of numbers that a worker exports, and none of its gauges but one goes unwatched', async () => {
  const text = await createMetrics(() => undefined).text();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
  const used = new Set(rules.flatMap(({ expr }) => expr.match(/pinterest_ads_\w+/g) ?? []));
  expect([...used].filter((name) => !types.has(name))).toEqual([]);
  const gauges = [...types].filter(([, type]) => type === 'gauge').map(([name]) => name);
  // Its normal height depends on the spec, and what keeps it from falling makes cells stale.
  expect(gauges.filter((name) => !used.has(name))).toEqual(['pinterest_ads_newest_final_cell_age_seconds']);
});

test.each(named)('%s says what happened, and where to read what to do', (name, { labels, annotations }) => {
  expect(['critical', 'warning', 'info']).toContain(labels.severity);
  expect(annotations.summary).toMatch(/\S/);
  expect(annotations.description).toMatch(new RegExp(`docs/operations\\.md#${name.toLowerCase()}$`));
  expect(operations).toContain(`\n### ${name}\n`);
});

test('each is seen firing in the unit tests for promtool', () => {
  const { tests } = parse(read('monitoring/prometheus-rules.test.yml')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
  };
  const fired = tests.flatMap((each) =>
    each.alert_rule_test.filter(({ exp_alerts = [] }) => exp_alerts.length > 0),
  );
  expect(new Set(fired.map(({ alertname }) => alertname))).toEqual(new Set(rules.map(({ alert }) => alert)));
});

const promtool = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8' });
const hasPromtool = promtool('--version').status === 0;
if (!hasPromtool) console.warn('Skipped: there is no promtool (it comes with Prometheus)');

const withPromtool = hasPromtool ? describe : describe.skip;

withPromtool('promtool', () => {
  test('sees each of them fire, and end', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', 'monitoring/prometheus-rules.test.yml');
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});

test('the scrape configuration finds the rules and the port of the image', () => {
  const config = parse(read('monitoring/prometheus.yml')) as {
    rule_files: string[];
    scrape_configs: { static_configs: { targets: string[] }[] }[];
  };
  expect(config.rule_files).toEqual(['prometheus-rules.yml']);
  const [port] = /(?<=METRICS_ADDRESS=\S+:)\d+/.exec(read('Dockerfile'))!;
  expect(config.scrape_configs[0]!.static_configs[0]!.targets).toEqual([`localhost:${port}`]);
});

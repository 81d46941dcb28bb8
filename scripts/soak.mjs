// `npm run test:soak`: random scenarios at length. With `--days 365`: days of five dataflows' life with time skipped instead, as
// many as that; `--seed 7` for those of one seed, else of three.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { days: { type: 'string' }, seed: { type: 'string' } } });

const jest = (files, environment) => {
  const { status } = spawnSync('npx', ['jest', '--verbose', ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) process.exitCode = 1;
};

if (values.days === undefined) {
  const files = ['property', 'dataflow', 'quota', 'chaos', 'many-workers'];
  jest(files, { TEST_EFFORT: '20', ...(values.seed && { TEST_SEED: values.seed }) });
} else {
  const first = randomInt(2 ** 31 - 3);
  const seeds = values.seed ? [values.seed] : [first, first + 1, first + 2];
  for (const seed of seeds) jest(['test/system/year'], { TEST_DAYS: values.days, TEST_SEED: String(seed) });
}

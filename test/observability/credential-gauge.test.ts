// When refresh tokens end, as Prometheus hears of it: by what is kept, real files.
import { startSimulator } from '../../simulator/server.js';
import { Credentials } from '../../src/credentials/credentials.js';
import { CachedProbe } from '../../src/observability/cached-probe.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { grantOf, keep, newPlace, storedTokens } from '../support/vaults.js';

const DAY_MS = 86_400_000;
const failed = (error: Error): void => {
  throw error;
};

test('each stored credential that is used and tells when it ends has a number; none keeps back the others', async () => {
  const simulator = await startSimulator();
  const place = await newPlace('duckdb');
  const vault = place.open();
  const endsIn = (ms: number | null) => ({
    grant: { ...grantOf('a-refresh-token', DAY_MS), refreshTokenExpiresAtMs: ms && Date.now() + ms },
  });
  await keep(vault, endsIn(DAY_MS));
  await keep(vault, endsIn(6 * DAY_MS), 'soon');
  await keep(vault, endsIn(-DAY_MS), 'ended');
  await keep(vault, endsIn(null), 'untold');
  await keep(vault, endsIn(DAY_MS), 'in-the-environment');
  await place.openSpoilt();
  const credentials = new Credentials(
    new Map([['in-the-environment', { token: 'a-token' }]]),
    storedTokens(simulator, place.open()),
  );
  const text = await createMetrics(() => ({
    isReady: () => true,
    snapshots: {
      app: 'default',
      budget: new CachedProbe(() => Promise.resolve({ callsLeft: 1, waiting: 0 }), failed),
      accounts: new CachedProbe(() => Promise.resolve([]), failed),
      credentials: new CachedProbe(() => credentials.ends(), failed),
    },
  })).text();
  const left = [...text.matchAll(/^pinterest_ads_refresh_token_left_seconds\{credential="(.*)"\} (\S+)$/gm)];
  const days = left.map(([, name, seconds]) => [name, (Number(seconds) * 1000) / DAY_MS]);
  expect(days).toEqual([
    ['ended', expect.closeTo(-1, 1)],
    ['soon', expect.closeTo(6, 1)],
  ]);
  await simulator.close();
  await place.close();
});

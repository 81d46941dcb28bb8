// Numbers that are read when /metrics is asked for: quota left, freshness, stale cells, last runs.
import { Gauge, type Registry } from 'prom-client';
import type { Snapshots } from './snapshots.js';

/** What the gauges read. */
export interface Watched {
  /** It polls for work. */
  isReady(): boolean;
  snapshots: Snapshots;
}

export interface Gauges {
  /** Reads what is due again, and sets all gauges. */
  update(watched: Watched | undefined): Promise<void>;
}

const ACCOUNT = ['dataflow', 'ad_account_id'] as const;

export const createGauges = (registry: Registry): Gauges => {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `pinterest_ads_${name}`, help, labelNames, registers: [registry] });

  const ready = gauge('worker_ready', '1 while the worker polls for work, 0 before and while it stops');
  const storeUp = gauge('store_up', '1 if the store could be read lately, 0 if not');
  const quotaUp = gauge('quota_up', '1 if the app budget could be asked for lately, 0 if not');
  const callsLeft = gauge('quota_calls_left', 'API calls of the Pinterest app that may leave now', ['app']);
  const waiting = gauge('quota_waiting', 'Requests for API calls that wait for the quota', ['app']);
  const finalAge = gauge(
    'newest_final_cell_age_seconds',
    'Time since the end of the newest period whose numbers are held and will not be read again',
    [...ACCOUNT, 'object_type'],
  );
  const stale = gauge(
    'stale_cells',
    'Cells (an object on a date, week or month) that are wanted and not held as of today, UTC',
    [...ACCOUNT, 'object_type'],
  );
  const runAge = gauge('last_run_age_seconds', 'Time since the last run of a status ended', [
    ...ACCOUNT,
    'status',
  ]);

  const refreshTokenLeft = gauge(
    'refresh_token_left_seconds',
    'Time until the refresh token of a stored credential ends, unless it is renewed before',
    ['credential'],
  );

  return {
    update: async (watched) => {
      const [budget, accounts, credentials] = await Promise.all([
        watched?.snapshots.budget.get(),
        watched?.snapshots.accounts.get(),
        watched?.snapshots.credentials.get(),
      ]);
      ready.set(watched?.isReady() ? 1 : 0);
      storeUp.set(accounts?.up ? 1 : 0);
      quotaUp.set(budget?.up ? 1 : 0);
      for (const each of [callsLeft, waiting, finalAge, stale, runAge, refreshTokenLeft]) each.reset();
      if (budget?.value) {
        const { app } = watched!.snapshots;
        callsLeft.set({ app }, budget.value.callsLeft);
        waiting.set({ app }, budget.value.waiting);
      }
      for (const [credential, endsMs] of credentials?.value ?? [])
        refreshTokenLeft.set({ credential }, (endsMs - Date.now()) / 1000);
      const ageOf = (epochMs: number): number => (Date.now() - epochMs) / 1000;
      for (const { dataflow, adAccountId, freshness, lastRuns } of accounts?.value ?? []) {
        const account = { dataflow, ad_account_id: adAccountId };
        for (const [objectType, { staleCells, newestFinalEndMs }] of freshness) {
          const labels = { ...account, object_type: objectType };
          stale.set(labels, staleCells);
          if (newestFinalEndMs !== null) finalAge.set(labels, ageOf(newestFinalEndMs));
        }
        for (const [status, endedMs] of lastRuns) runAge.set({ ...account, status }, ageOf(endedMs));
      }
    },
  };
};

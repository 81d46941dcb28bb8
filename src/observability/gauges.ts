// Numbers that are read when they are asked for: quota left, freshness, stale cells, last runs.
import { Gauge, type Registry } from 'prom-client';
import type { Snapshots } from './snapshots.js';

/** What the gauges look at. */
export interface Watched {
  /** It polls for work. */
  isReady(): boolean;
  snapshots: Snapshots;
}

export interface Gauges {
  /** Reads anew what is due. */
  update(watched: Watched | undefined): Promise<void>;
}

const PLACE = ['dataflow', 'ad_account_id'] as const;

export const createGauges = (registry: Registry): Gauges => {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `pinterest_ads_${name}`, help, labelNames, registers: [registry] });

  const ready = gauge('worker_ready', '1 while the worker polls for work, 0 before and while it stops');
  const storeUp = gauge('store_up', '1 where the store could be read lately, 0 where it could not');
  const quotaUp = gauge('quota_up', '1 where the app budget could be asked for lately, 0 where it could not');
  const callsLeft = gauge('quota_calls_left', 'API calls of the Pinterest app that may leave now', ['app']);
  const waiting = gauge('quota_waiting', 'Requests for API calls that wait for the quota', ['app']);
  const finalAge = gauge(
    'newest_final_cell_age_seconds',
    'Time since the end of the newest period whose numbers are held and will not be read again',
    [...PLACE, 'object_type'],
  );
  const stale = gauge(
    'stale_cells',
    'Cells (an object on a date, week or month) that are wanted and not held as of today, UTC',
    [...PLACE, 'object_type'],
  );
  const runAge = gauge('last_run_age_seconds', 'Time since the last run of a status ended', [
    ...PLACE,
    'status',
  ]);

  return {
    update: async (watched) => {
      const [budget, places] = await Promise.all([
        watched?.snapshots.budget.get(),
        watched?.snapshots.places.get(),
      ]);
      ready.set(watched?.isReady() ? 1 : 0);
      storeUp.set(places?.up ? 1 : 0);
      quotaUp.set(budget?.up ? 1 : 0);
      for (const each of [callsLeft, waiting, finalAge, stale, runAge]) each.reset();
      if (budget?.value) {
        const { app } = watched!.snapshots;
        callsLeft.set({ app }, budget.value.callsLeft);
        waiting.set({ app }, budget.value.waiting);
      }
      const ageOf = (epochMs: number): number => (Date.now() - epochMs) / 1000;
      for (const { dataflow, adAccountId, freshness, lastRuns } of places?.value ?? []) {
        const place = { dataflow, ad_account_id: adAccountId };
        for (const [objectType, { staleCells, newestFinalEndMs }] of freshness) {
          const labels = { ...place, object_type: objectType };
          stale.set(labels, staleCells);
          if (newestFinalEndMs !== null) finalAge.set(labels, ageOf(newestFinalEndMs));
        }
        for (const [status, endedMs] of lastRuns) runAge.set({ ...place, status }, ageOf(endedMs));
      }
    },
  };
};

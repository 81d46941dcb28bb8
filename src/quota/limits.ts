// PINTEREST_QUOTA: how many API calls may leave in which window; several limits hold at once.

export interface QuotaLimit {
  calls: number;
  windowMs: number;
}

const DAY_MS = 86_400_000;

/** What a limit may say, and how many may hold at once. */
export const MOST_CALLS = 1_000_000;
export const LONGEST_WINDOW_MS = 31 * DAY_MS;
export const MOST_LIMITS = 10;

/** The longest first. */
const UNITS = { d: DAY_MS, h: 3_600_000, m: 60_000, s: 1_000 };

/**
 * `1000/1d,60/1m` → two limits.
 * @throws Error that names the part at fault
 */
export const parseQuota = (text: string): QuotaLimit[] => {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > MOST_LIMITS) throw new Error(`${parts.length} limits; at most ${MOST_LIMITS} may hold`);
  return parts.map((part) => {
    const match = /^(\d+)\s*\/\s*(\d+)?\s*([smhd])$/.exec(part);
    const calls = Number(match?.[1]);
    const windowMs = Number(match?.[2] ?? 1) * UNITS[match?.[3] as keyof typeof UNITS];
    if (!match || calls < 1 || windowMs < 1) {
      throw new Error(
        `${JSON.stringify(part)} is not a limit; write CALLS/WINDOW, e.g. 1000/1d, 30/10s or 1000/1d,60/1m`,
      );
    }
    if (calls > MOST_CALLS || windowMs > LONGEST_WINDOW_MS) {
      const most = limitName({ calls: MOST_CALLS, windowMs: LONGEST_WINDOW_MS });
      throw new Error(`${JSON.stringify(part)} is beyond what a limit may say; at most ${most}`);
    }
    return { calls, windowMs };
  });
};

/** As PINTEREST_QUOTA writes it: `1000/1d`. */
export const limitName = ({ calls, windowMs }: QuotaLimit): string => {
  const [unit, unitMs] = Object.entries(UNITS).find(([, ms]) => windowMs % ms === 0) ?? ['ms', 1];
  return `${calls}/${windowMs / unitMs}${unit}`;
};

/** Days that `calls` take at these limits, to three decimals. */
export const daysAtQuota = (calls: number, limits: readonly QuotaLimit[]): number => {
  const perDay = Math.min(...limits.map((limit) => (limit.calls * DAY_MS) / limit.windowMs));
  return Math.round((1000 * calls) / perDay) / 1000;
};

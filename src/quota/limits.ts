// PINTEREST_QUOTA: how many API calls may leave in which window; several limits hold at once.

export interface QuotaLimit {
  calls: number;
  windowMs: number;
}

const DAY_MS = 86_400_000;

/** The longest first. */
const UNITS = { d: DAY_MS, h: 3_600_000, m: 60_000, s: 1_000 };

/**
 * `1000/1d,60/1m` → two limits.
 * @throws Error that names the part at fault
 */
export const parseQuota = (text: string): QuotaLimit[] =>
  text.split(',').map((part) => {
    const match = /^\s*(\d+)\s*\/\s*(\d+)?\s*([smhd])\s*$/.exec(part);
    const calls = Number(match?.[1]);
    const length = Number(match?.[2] ?? 1);
    if (!match || calls < 1 || length < 1) {
      throw new Error(
        `${JSON.stringify(part.trim())} is not a limit; write CALLS/WINDOW, e.g. 1000/1d, 30/10s or 1000/1d,60/1m`,
      );
    }
    return { calls, windowMs: length * UNITS[match[3] as keyof typeof UNITS] };
  });

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

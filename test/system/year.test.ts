// Days of five dataflows' life with time skipped: after each of them the store equals what Pinterest shows, and nothing grows.
import { SEED } from '../support/random.js';
import { LONGEST_DAY_MS } from '../support/year/skipped-time.js';
import { liveThrough } from '../support/year/year.js';

const DAYS = Number(process.env['TEST_DAYS'] ?? 30);
/** What grows by a little each day comes to more in a year. */
const MOST_EVENTS = 400;
const MOST_TEMPORARY_FILES = 20;
/** Three for each of the seven ids of `chosen-ads`, and some for changed specs and objects that appeared. */
const MOST_COVERAGE_ROWS = 100;
/** In a year of days it was 20 to 36: DuckDB keeps free what it writes next. */
const MOST_FILE_MIB = 48;
/** However slow the machine is: a day that hangs ends by itself. */
const DEADLINE_MS = 600_000 + DAYS * LONGEST_DAY_MS;

test(
  `${DAYS} days of seed ${SEED}`,
  async () => {
    const lived = await liveThrough(DAYS, SEED);
    process.stderr.write(`Seed ${SEED}: ${JSON.stringify({ ...lived, sizes: lived.sizes.slice(-1) })}\n`);
    expect(lived).toMatchObject({ days: DAYS, beyondBudget: 0 });
    // Once a day before its thirty days are over, and the first time at once.
    expect(lived.renewals).toBeGreaterThanOrEqual(1 + Math.floor((DAYS - 1) / 30));
    // The first time on the third day.
    expect(lived.kills).toBeGreaterThanOrEqual(DAYS < 3 ? 0 : 1);
    for (const { events, coverageRows, fileMiB, temporaryFiles } of lived.sizes) {
      expect(events).toBeLessThan(MOST_EVENTS);
      expect(temporaryFiles).toBeLessThan(MOST_TEMPORARY_FILES);
      expect(coverageRows).toBeLessThanOrEqual(MOST_COVERAGE_ROWS);
      expect(fileMiB).toBeLessThan(MOST_FILE_MIB);
    }
  },
  DEADLINE_MS,
);

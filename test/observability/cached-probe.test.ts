// What is read for those who watch: seldom, once at a time, and nobody waits long for it.
import { CachedProbe } from '../../src/observability/cached-probe.js';
import { stillClock } from '../support/still-clock.js';

let clock: ReturnType<typeof stillClock>;
beforeEach(() => {
  clock = stillClock();
});

/** Counts up; each reading waits for `ready`, then fails if it is to. */
const counter = () => {
  const told: string[] = [];
  const tell = ({ message }: Error): void => void told.push(message);
  const source = { ready: Promise.resolve(), fails: false, begun: 0, side: 0, most: 0, told, tell };
  const read = async (): Promise<number> => {
    const value = ++source.begun;
    source.most = Math.max(source.most, ++source.side);
    await source.ready;
    source.side -= 1;
    if (source.fails) throw new Error('away');
    return value;
  };
  return { source, read };
};

test('many that ask at once share one reading, and those who ask soon after get the same', async () => {
  const { source, read } = counter();
  const reading = new CachedProbe(read, source.tell, { everyMs: 10_000, waitMs: 5_000, keepMs: 20_000 });
  const one = { up: true, value: 1 };
  expect(await Promise.all([reading.get(), reading.get(), reading.get()])).toEqual([one, one, one]);
  expect(await reading.get()).toEqual(one);
  expect(source).toMatchObject({ begun: 1, most: 1 });
});

test('a slow reading is not waited for: the last answer stands until it is too old', async () => {
  const { source, read } = counter();
  const reading = new CachedProbe(read, source.tell, { everyMs: 0, waitMs: 20, keepMs: 400 });
  expect(await reading.get()).toEqual({ up: true, value: 1 });
  let goOn = (): void => undefined;
  source.ready = new Promise((resolve) => (goOn = resolve));
  expect(await reading.get()).toEqual({ up: true, value: 1 });
  clock.pass(399);
  expect(await reading.get()).toEqual({ up: true, value: 1 });
  clock.pass(1);
  expect(await reading.get()).toEqual({ up: false, value: undefined });
  goOn();
  expect(await reading.get()).toEqual({ up: true, value: 2 });
  expect(await reading.get()).toEqual({ up: true, value: 3 });
  expect(source.most).toBe(1);
});

test('a reading that fails is told, and not repeated at once; the last answer stands until it is too old', async () => {
  const { source, read } = counter();
  const reading = new CachedProbe(read, source.tell, { everyMs: 200, waitMs: 5_000, keepMs: 700 });
  expect(await reading.get()).toEqual({ up: true, value: 1 });
  source.fails = true;
  clock.pass(200);
  expect(await reading.get()).toEqual({ up: false, value: 1 });
  expect(await reading.get()).toEqual({ up: false, value: 1 });
  expect(source).toMatchObject({ begun: 2, told: ['away'] });
  clock.pass(500);
  expect(await reading.get()).toEqual({ up: false, value: undefined });
  source.fails = false;
  clock.pass(200);
  expect(await reading.get()).toEqual({ up: true, value: 4 });
  expect(source.told).toEqual(['away']);
});

// What is read for those who watch: seldom, once at a time, and nobody waits long for it.
import { setTimeout as sleep } from 'node:timers/promises';
import { CachedProbe } from '../../src/observability/cached-probe.js';

/** Counts up; each reading takes as long as `takes` says, or fails. */
const counter = () => {
  const told: string[] = [];
  const tell = ({ message }: Error): void => void told.push(message);
  const source = { takes: 0, fails: false, begun: 0, side: 0, most: 0, told, tell };
  const read = async (): Promise<number> => {
    const value = ++source.begun;
    source.most = Math.max(source.most, ++source.side);
    await sleep(source.takes);
    source.side -= 1;
    if (source.fails) throw new Error('away');
    return value;
  };
  return { source, read };
};

test('many that ask at once share one reading, and those who ask soon after get the same', async () => {
  const { source, read } = counter();
  source.takes = 50;
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
  source.takes = 1_000;
  const before = performance.now();
  expect(await reading.get()).toEqual({ up: true, value: 1 });
  expect(performance.now() - before).toBeLessThan(300);
  await sleep(500);
  expect(await reading.get()).toEqual({ up: false, value: undefined });
  await sleep(600);
  source.takes = 0;
  expect(await reading.get()).toEqual({ up: true, value: 3 });
  expect(source.most).toBe(1);
});

test('a reading that fails is told, and not repeated at once; the last answer stands until it is too old', async () => {
  const { source, read } = counter();
  const reading = new CachedProbe(read, source.tell, { everyMs: 200, waitMs: 5_000, keepMs: 700 });
  expect(await reading.get()).toEqual({ up: true, value: 1 });
  source.fails = true;
  await sleep(220);
  expect(await reading.get()).toEqual({ up: false, value: 1 });
  expect(await reading.get()).toEqual({ up: false, value: 1 });
  expect(source).toMatchObject({ begun: 2, told: ['away'] });
  await sleep(520);
  expect(await reading.get()).toEqual({ up: false, value: undefined });
  source.fails = false;
  await sleep(220);
  expect(await reading.get()).toEqual({ up: true, value: 4 });
  expect(source.told).toEqual(['away']);
});

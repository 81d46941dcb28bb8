// When a run is expected to end: never sooner than its pace or its quota allow.
import { expectedEnd, type Pace } from '../../src/workflows/progress.js';

const START = Date.UTC(2026, 5, 1);
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const pace = (given: Partial<Pace>): Pace => ({
  startedAtMs: START,
  nowMs: START + MINUTE,
  callsMade: 10,
  callsLeft: 20,
  quota: [{ calls: 1_000, windowMs: DAY }],
  waitsUntil: null,
  ...given,
});
const at = (ms: number): string => new Date(START + ms).toISOString();

test('goes on at the pace so far', () => {
  expect(expectedEnd(pace({}))).toBe(at(3 * MINUTE));
});

test('never ends before the quota has given what is left', () => {
  expect(expectedEnd(pace({ callsLeft: 2_500 }))).toBe(at(2 * DAY + MINUTE));
  expect(expectedEnd(pace({ callsMade: 1_000, callsLeft: 2_500, waitsUntil: at(DAY) }))).toBe(at(3 * DAY));
});

test('never ends before the wait that is on', () => {
  expect(expectedEnd(pace({ waitsUntil: at(60 * MINUTE) }))).toBe(at(60 * MINUTE));
});

test('says nothing where nothing tells', () => {
  expect(expectedEnd(pace({ callsMade: 0 }))).toBeNull();
  expect(expectedEnd(pace({ callsLeft: 0 }))).toBeNull();
});

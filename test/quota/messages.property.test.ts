// Whatever is sent: it fits and is answered, or it is named a misfit; nothing else comes of it.
import fc from 'fast-check';
import { newBudget, type Budget, type BudgetEvent } from '../../src/quota/budget/budget-state.js';
import { budgetView } from '../../src/quota/budget/budget-view.js';
import { reduceBudget } from '../../src/quota/budget/budget.js';
import { readCarried } from '../../src/quota/budget/carried-budget.js';
import { Misfit } from '../../src/quota/budget/checks.js';
import { readHold, readLease, readSettled } from '../../src/quota/budget/messages.js';
import { START_MS } from './asking.js';
import { runs } from '../support/random.js';

const DAY_MS = 86_400_000;

const VALID = {
  lease: {
    leaseId: 'lease-1',
    dataflow: 'acme',
    class: 'fresh',
    want: 4,
    need: 3,
    limits: [{ calls: 30, windowMs: 10_000 }],
    settled: [{ leaseId: 'lease-0', spent: 1, unspent: 3 }],
  },
  settle: [{ leaseId: 'lease-1', spent: 1, unspent: 3 }],
  hold: { waitMs: 5_000, why: 'HTTP 429' },
};

const wild = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    undefined,
    null,
    Infinity,
    -1,
    0,
    0.5,
    1e15,
    1e308,
    '',
    '5',
    'NaN',
    'x'.repeat(20_000),
    [],
    {},
  ),
);

/** A message that fits but for one field, or two. */
const spoilt = (valid: unknown): fc.Arbitrary<unknown> => {
  if (typeof valid !== 'object' || valid === null)
    return fc.oneof({ arbitrary: fc.constant(valid), weight: 8 }, wild);
  const fields = Object.entries(valid).map(([key, value]) => [key, spoilt(value)] as const);
  const whole: fc.Arbitrary<unknown> = Array.isArray(valid)
    ? fc.tuple(...fields.map(([, field]) => field))
    : fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  return fc.oneof({ arbitrary: whole, weight: 8 }, wild);
};

const read: { [Name in keyof typeof VALID]: (input: unknown) => BudgetEvent } = {
  lease: (input) => ({ ...readLease(input), kind: 'lease' }),
  settle: (input) => ({ kind: 'settle', settled: readSettled(input) }),
  hold: (input) => {
    const { waitMs, why } = readHold(input);
    return { kind: 'hold', untilMs: START_MS + waitMs, why };
  },
};

const message = fc
  .constantFrom('lease', 'settle', 'hold')
  .chain((name) => fc.record({ name: fc.constant(name), input: spoilt(VALID[name]) }));

const eventOf = (name: keyof typeof VALID, input: unknown): BudgetEvent => {
  try {
    return read[name](input);
  } catch (error) {
    if (error instanceof Misfit) return { kind: 'misfit', why: error.message };
    throw error;
  }
};

/** Everybody waits, at the longest, for the end of a window or of what Pinterest said. */
const isSound = (state: Budget): boolean => {
  const { answer } = reduceBudget(
    state,
    { ...readLease(VALID.lease), leaseId: 'another', dataflow: 'other', kind: 'lease' },
    START_MS,
  );
  const shown = budgetView(state, START_MS);
  return (
    (answer.kind === 'granted' || answer.retryAtMs < START_MS + 32 * DAY_MS) &&
    shown.limits.every(({ callsLeft, spent, leased }) => Number.isInteger(callsLeft + spent + leased))
  );
};

test('a message fits and is answered, or is a misfit', () => {
  let fitted = 0;
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
      let state = newBudget();
      for (const { name, input } of messages) {
        const event = eventOf(name, input);
        if (event.kind !== 'misfit') fitted += 1;
        ({ state } = reduceBudget(state, event, START_MS));
      }
      expect(isSound(state)).toBe(true);
    }),
    runs(2_000),
  );
  expect(fitted).toBeGreaterThan(500);
});

test('a carried budget is read, whatever it is', () => {
  const valid = reduceBudget(newBudget(), read.lease(VALID.lease), START_MS).state;
  fc.assert(
    fc.property(spoilt(JSON.parse(JSON.stringify(valid))), (carried) => {
      expect(isSound({ ...readCarried(carried, START_MS), line: [] })).toBe(true);
    }),
    runs(2_000),
  );
});

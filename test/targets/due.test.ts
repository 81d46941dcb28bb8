// What is due and what comes next, against a target of a few lines: whatever is lost between any two calls, it ends up as the store is.
import fc from 'fast-check';
import type { LedgerEntry } from '../../src/store/deliveries.js';
import type { PartitionContent } from '../../src/store/partitions.js';
import { due, nextStep } from '../../src/targets/due.js';

const content = (table: string, week: string, hash: string): PartitionContent => ({
  table,
  week,
  rows: 1,
  hash,
});
const entry = (
  table: string,
  week: string,
  hash: string | null,
  pending: LedgerEntry['pending'] = null,
): LedgerEntry => ({
  table,
  week,
  delivered: hash === null ? null : { hash, id: `id of ${hash}`, rows: 1, failedRows: 0 },
  pending,
});

test('due is what is new, changed, emptied or under way, the newest week first', () => {
  const under = { hash: 'x', id: null, sinceMs: 0 };
  expect(
    due(
      [
        content('ads', '2026-05-04', 'same'),
        content('ads', '2026-05-11', 'changed'),
        content('ads', '2026-05-18', 'new'),
        content('groups', '2026-05-18', 'under way'),
      ],
      [
        entry('ads', '2026-05-04', 'same'),
        entry('ads', '2026-05-11', 'before'),
        entry('ads', '2026-04-27', 'emptied'),
        entry('ads', '2026-04-20', null),
        entry('groups', '2026-05-18', 'under way', under),
      ],
    ),
  ).toEqual([
    { table: 'groups', week: '2026-05-18' },
    { table: 'ads', week: '2026-05-18' },
    { table: 'ads', week: '2026-05-11' },
    { table: 'ads', week: '2026-04-27' },
  ]);
});

/** What a target knows of one partition. */
class World {
  readonly deliveries = new Map<
    string,
    { state: 'open' | 'delivered' | 'abandoned' | 'replaced'; hash: string }
  >();
  completed = 0;

  begin(hash: string): string {
    const id = `d${this.deliveries.size}`;
    this.deliveries.set(id, { state: 'open', hash });
    return id;
  }

  complete(id: string, replaces: string | null): void {
    this.deliveries.get(id)!.state = 'delivered';
    if (replaces !== null) this.deliveries.get(replaces)!.state = 'replaced';
    this.completed += 1;
  }

  get seen(): string[] {
    return [...this.deliveries.values()].filter(({ state }) => state === 'delivered').map(({ hash }) => hash);
  }
}

/** One attempt, as calls that it may die between. */
function* attempt(world: World, ledger: LedgerEntry, hash: string | null): Generator<void, void> {
  for (;;) {
    if (ledger.pending) {
      const { id, hash: sent } = ledger.pending;
      const found = id === null ? undefined : world.deliveries.get(id)!;
      yield;
      if (!found) {
        for (const other of world.deliveries.values()) if (other.state === 'open') other.state = 'abandoned';
        yield;
      } else if (found.state === 'open') found.state = 'abandoned';
      else ledger.delivered = { hash: sent, id: id!, rows: 1, failedRows: 0 };
      ledger.pending = null;
      continue;
    }
    const step = nextStep(hash, ledger.delivered);
    if (step.do === 'nothing') return;
    if (step.do === 'remove') {
      ledger.delivered!.hash = null;
      yield;
      world.deliveries.get(step.id)!.state = 'replaced';
      yield;
      ledger.delivered = null;
    } else {
      ledger.pending = { hash: hash!, id: null, sinceMs: 0 };
      yield;
      const id = world.begin(hash!);
      yield;
      ledger.pending.id = id;
      yield;
      world.complete(id, step.replaces);
      yield;
      ledger.delivered = { hash: hash!, id, rows: 1, failedRows: 0 };
      ledger.pending = null;
    }
    yield;
  }
}

test('attempts that die between any two calls leave what the store holds, once, and nothing open', () => {
  const contents = fc.constantFrom<string | null>('a', 'b', 'c', null);
  const lives = fc.array(fc.nat(6), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(contents, lives), { minLength: 1, maxLength: 6 }), (history) => {
      const world = new World();
      const ledger: LedgerEntry = { table: 'ads', week: '2026-05-04', delivered: null, pending: null };
      for (const [hash, deaths] of history) {
        for (const calls of deaths) {
          const dying = attempt(world, ledger, hash);
          for (let made = 0; made <= calls && !dying.next().done; made++);
        }
      }
      const [last] = history.at(-1)!;
      for (const _ of attempt(world, ledger, last));
      expect(world.seen).toEqual(last === null ? [] : [last]);
      expect([...world.deliveries.values()].filter(({ state }) => state === 'open')).toEqual([]);
      // Again, with nothing new: nothing is sent.
      const { completed } = world;
      for (const _ of attempt(world, ledger, last));
      expect(world.completed).toBe(completed);
    }),
    // Taken away, not noted, and the very same rows are back.
    {
      examples: [
        [
          [
            ['a', [6]],
            [null, [1]],
            ['a', []],
          ],
        ],
      ],
    },
  );
});

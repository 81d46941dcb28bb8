// The worker's side: what it leases, hands out, drops and reports.
import type { LeaseAnswer, LeaseRequest, SettledLease } from '../../src/quota/budget/budget-state.js';
import { readLease } from '../../src/quota/budget/messages.js';
import { Permits } from '../../src/quota/permits/permits.js';
import { QuotaExhausted } from '../../src/quota/permits/quota-exhausted.js';

const setUp = (answers: (LeaseAnswer | Error)[] = []) => {
  const clock = { nowMs: 5_000 };
  const requests: LeaseRequest[] = [];
  const settles: SettledLease[][] = [];
  let last = 0;
  const permits = new Permits({
    dataflow: 'acme',
    class: 'fresh',
    limits: [{ calls: 30, windowMs: 10_000 }],
    batch: 3,
    monotonicNowMs: () => clock.nowMs,
    newLeaseId: () => `lease-${(last += 1)}`,
    lease: async (request) => {
      requests.push(request);
      await Promise.resolve();
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer ?? { kind: 'granted', leaseId: request.leaseId, permits: request.want, ttlMs: 10_000 };
    },
    settle: async (settled) => {
      await Promise.resolve();
      settles.push(settled);
    },
  });
  return { permits, clock, requests, settles };
};

describe('permits', () => {
  test('are leased in batches, one lease at a time however many ask', async () => {
    const { permits, requests } = setUp();
    await Promise.all(Array.from({ length: 7 }, () => permits.take()));
    expect(requests.map(({ want, need }) => [want, need])).toEqual([
      [3, 1],
      [3, 1],
      [3, 1],
    ]);
  });

  test('count as spent once they are done, and what became of them rides on the next lease', async () => {
    const { permits, requests, settles } = setUp();
    const [first] = [await permits.take(), await permits.take(), await permits.take()];
    permits.done(first);
    permits.done(first);
    const fourth = await permits.take();
    expect(requests[1]!.settled).toEqual([{ leaseId: 'lease-1', spent: 1, unspent: 0 }]);
    expect(permits.isBusy).toBe(true);
    permits.undo(fourth);
    expect(await permits.giveBack()).toBe(true);
    expect(settles).toEqual([[{ leaseId: 'lease-2', spent: 0, unspent: 3 }]]);
    expect(await permits.giveBack()).toBe(true);
    expect(settles).toHaveLength(1);
  });

  test('that are too old never leave', async () => {
    const { permits, clock, requests } = setUp();
    await permits.take();
    clock.nowMs += 9_999;
    const second = await permits.take();
    expect(second.leaseId).toBe('lease-2');
    expect(requests[1]!.settled).toEqual([{ leaseId: 'lease-1', spent: 0, unspent: 2 }]);
  });

  test('are at hand all at once where a request needs its successors', async () => {
    const { permits, requests } = setUp();
    await permits.take();
    await permits.take(5);
    expect(requests[1]).toMatchObject({ need: 3, want: 3 });
    await Promise.all([permits.take(), permits.take(), permits.take(), permits.take()]);
    expect(requests).toHaveLength(2);
  });

  test('that the budget refuses fail everyone who asked, with the time to come back', async () => {
    const { permits, requests } = setUp([
      { kind: 'refused', retryAtMs: 1_780_272_000_000, waitMs: 5_000, why: 'used up' },
    ]);
    const taken = await Promise.allSettled([permits.take(), permits.take()]);
    for (const one of taken) {
      expect(one).toMatchObject({ reason: { retryAtMs: 1_780_272_000_000, waitMs: 5_000, why: 'used up' } });
      expect((one as PromiseRejectedResult).reason).toBeInstanceOf(QuotaExhausted);
    }
    expect(requests).toHaveLength(1);
  });

  test('are reported in messages that the budget takes, however long it was away', async () => {
    const { permits, requests } = setUp(Array.from({ length: 1_500 }, () => new Error('away')));
    for (let i = 0; i < 1_500; i += 1) await expect(permits.take()).rejects.toThrow('away');
    await permits.take();
    const { settled } = requests.at(-1)!;
    expect(settled).toHaveLength(1_000);
    expect(settled.at(-1)).toEqual({ leaseId: 'lease-1500', spent: 0, unspent: 3 });
    expect(readLease(requests.at(-1))).toEqual(requests.at(-1));
  });

  test('of a lease whose answer got lost are reported as not spent', async () => {
    const { permits, requests } = setUp([new Error('connection lost')]);
    await expect(permits.take()).rejects.toThrow('connection lost');
    await permits.take();
    expect(requests[1]!.settled).toEqual([{ leaseId: 'lease-1', spent: 0, unspent: 3 }]);
  });
});

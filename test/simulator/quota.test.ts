// The server's quota: strict in every sliding window, and plain about when to come back.
import fc from 'fast-check';
import { standingOf } from '../../simulator/wire/quota.js';
import { stillClock } from '../support/still-clock.js';
import { call, withSimulator } from './call.js';

test('no sliding window ever lets more through than its limit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 500 }),
      fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 60 }),
      (calls, windowMs, gaps) => {
        const arrivals: number[] = [];
        const accepted: number[] = [];
        for (const gap of gaps) {
          const at = (arrivals.at(-1) ?? 0) + gap;
          arrivals.push(at);
          const { exceeded, waitMs } = standingOf({ calls, windowMs }, arrivals);
          if (!exceeded) accepted.push(at);
          expect(standingOf({ calls, windowMs }, [...arrivals, at + waitMs]).exceeded).toBe(false);
        }
        const tooSoon = accepted.filter((at, i) => at - (accepted[i - calls] ?? -Infinity) < windowMs);
        expect(tooSoon).toEqual([]);
      },
    ),
  );
});

test('what is over the limit gets 429 and the wait, counts as a request, and passes after the wait', () =>
  withSimulator(
    {
      quota: [
        { calls: 3, windowMs: 400 },
        { calls: 100, windowMs: 60_000 },
      ],
    },
    async (simulator) => {
      const clock = stillClock();
      const statuses = [];
      for (let i = 0; i < 4; i += 1) statuses.push((await call(simulator, '/user_account')).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
      const refused = await call(simulator, '/user_account');
      expect(refused.json()).toMatchObject({ code: 8, status: 'failure' });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(refused.headers.get('x-ratelimit-limit')).toBe(
        '3, 3;w=1;name="simulator_limit_1", 100;w=60;name="simulator_limit_2"',
      );
      expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
      expect(refused.headers.get('x-ratelimit-reset')).toBe('1');
      expect(simulator.log.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
      clock.pass(400);
      expect((await call(simulator, '/user_account')).status).toBe(200);
    },
  ));

test('the quota can be changed while the simulator runs', () =>
  withSimulator({}, async (simulator) => {
    expect((await call(simulator, '/user_account')).headers.get('x-ratelimit-limit')).toBeNull();
    simulator.settings.quota = [{ calls: 1, windowMs: 60_000 }];
    expect((await call(simulator, '/user_account')).status).toBe(200);
    expect((await call(simulator, '/user_account')).status).toBe(429);
  }));

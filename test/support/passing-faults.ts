// Faults that pass: which question meets which is settled by a seed, and none is met by the same question twice.
import { EventEmitter, once } from 'node:events';
import { fraction, hashText, pick } from '../../simulator/truth/hash.js';
import type { FaultEffect, FaultRequest, FaultRule } from '../../simulator/wire/faults.js';
import type { Route } from '../../simulator/wire/request-log.js';

const SHARE = 0.2;
/** Everybody waits a second for each of these: a few are enough. */
const RATE_LIMIT_SHARE = 0.03;
/** Before that the catalogues are read; runs that cannot read theirs turn to reports, for three times the calls. */
const RATE_LIMITS_FROM = 120;
const LIMITED: ReadonlySet<Route> = new Set(['analytics', 'reports', 'catalogue', 'other']);

/** What may happen to a request of each route. */
export type Kinds = Partial<Record<Route, readonly FaultEffect[]>>;

const BROKEN: readonly FaultEffect[] = ['server-error', 'reset', 'truncate', 'cut-short'];
const ANSWERS: readonly FaultEffect[] = [...BROKEN, 'html'];
/** A download's address is new each time, so it may fail again and again: only in ways that ask for smaller parts. */
export const BROKEN_ANSWERS: Kinds = {
  analytics: ANSWERS,
  reports: ANSWERS,
  catalogue: ANSWERS,
  other: ANSWERS,
  download: BROKEN,
};

const AWAY: readonly FaultEffect[] = ['server-error', 'unavailable', 'bad-gateway', 'html', 'reset'];
const MORE_ANSWERS: readonly FaultEffect[] = [
  ...ANSWERS,
  'unavailable',
  'bad-gateway',
  'transient-400',
  'empty',
  'revoke-token',
];
/** All that passes by itself and leaves rows as they are. What a token's answer holds must not be lost on its way. */
export const EVERY_KIND: Kinds = {
  analytics: [...MORE_ANSWERS, 'refuse'],
  reports: [...MORE_ANSWERS, 'report-failed', 'report-cancelled', 'report-expired', 'report-missing'],
  catalogue: MORE_ANSWERS,
  other: MORE_ANSWERS,
  download: BROKEN,
  token: AWAY,
};

export class PassingFaults {
  /** For the simulator. */
  readonly rules: FaultRule[];
  readonly counts: Record<string, number> = {};
  /** That have come to the simulator, downloads too. */
  requests = 0;
  private readonly events = new EventEmitter();
  private readonly fates = new WeakMap<FaultRequest, FaultEffect | 'none'>();
  private readonly asked = new Set<string>();
  private striking = true;
  private rounds = 0;

  constructor(
    private readonly seed: number,
    private readonly kinds: Kinds = BROKEN_ANSWERS,
  ) {
    const route = Object.keys(kinds) as Route[];
    const effects = new Set<FaultEffect>(['rate-limit', ...Object.values(kinds).flat()]);
    this.rules = [...effects].map((effect) => ({
      effect,
      route,
      when: (request) => this.fateOf(request) === effect,
    }));
  }

  /** Whether faults come from now on, to old questions too; requests are counted all the same. */
  strike(striking: boolean): void {
    this.striking = striking;
    this.asked.clear();
    this.rounds += 1;
  }

  /** Resolves when `count` requests have come. */
  async reach(count: number): Promise<void> {
    while (this.requests < count) await once(this.events, 'request');
  }

  private fateOf(request: FaultRequest): FaultEffect | 'none' {
    const known = this.fates.get(request);
    if (known) return known;
    const fate = this.draw(request);
    this.fates.set(request, fate);
    this.counts[fate] = (this.counts[fate] ?? 0) + 1;
    this.requests += 1;
    this.events.emit('request');
    return fate;
  }

  private draw({ method, path, query, body, route }: FaultRequest): FaultEffect | 'none' {
    if (!this.striking) return 'none';
    const question = `${method} ${path} ${query.toString()} ${JSON.stringify(body)}`;
    if (this.asked.has(question)) return 'none';
    this.asked.add(question);
    const hash = hashText(question, this.seed + this.rounds);
    const drawn = fraction(hash);
    if (drawn >= SHARE) return 'none';
    const mayLimit = LIMITED.has(route) && this.requests >= RATE_LIMITS_FROM && drawn < RATE_LIMIT_SHARE;
    if (mayLimit) return 'rate-limit';
    // Only what creates a report settles its fate.
    const kinds = this.kinds[route]!.filter((kind) => method === 'POST' || !kind.startsWith('report-'));
    const kind = pick(kinds, hash);
    if (kind !== 'revoke-token') return kind;
    // One that is refused right after it was renewed calls for a person.
    if (this.asked.has(kind)) return 'none';
    this.asked.add(kind);
    return kind;
  }
}

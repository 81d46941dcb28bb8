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

const BROKEN: readonly FaultEffect[] = ['server-error', 'reset', 'truncate', 'cut-short'];
const EFFECTS: readonly FaultEffect[] = [...BROKEN, 'html', 'rate-limit'];
const ROUTES: Route[] = ['analytics', 'reports', 'catalogue', 'other', 'download'];

export class PassingFaults {
  /** For the simulator. */
  readonly rules: FaultRule[] = EFFECTS.map((effect) => ({
    effect,
    route: ROUTES,
    when: (request) => this.fateOf(request) === effect,
  }));
  readonly counts: Record<string, number> = {};
  /** That have come to the simulator, downloads too. */
  requests = 0;
  private readonly events = new EventEmitter();
  private readonly fates = new WeakMap<FaultRequest, FaultEffect | 'none'>();
  private readonly asked = new Set<string>();
  private striking = true;

  constructor(private readonly seed: number) {}

  /** Whether faults come from now on; requests are counted all the same. */
  strike(striking: boolean): void {
    this.striking = striking;
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
    const hash = hashText(question, this.seed);
    const drawn = fraction(hash);
    if (drawn >= SHARE) return 'none';
    // A download's address is new each time, so it may fail again and again: only in ways that ask for smaller parts.
    if (route === 'download') return pick(BROKEN, hash);
    const mayLimit = this.requests >= RATE_LIMITS_FROM && drawn < RATE_LIMIT_SHARE;
    return mayLimit ? 'rate-limit' : pick([...BROKEN, 'html'], hash);
  }
}

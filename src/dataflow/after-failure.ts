// What may help after chunks failed: a smaller question, the same one again, the other method, or nothing.
import { bisect, cutOffOldest } from './bisect.js';
import type { Chunk, Method } from './chunk.js';
import { methodsOf } from './columns.js';
import { CoverageIndex, isStale, newest } from './coverage.js';
import { addDays, type DateOnly, type DateRange } from './dates.js';
import { objectsOf, type FailedChunk, type Need } from './gaps.js';
import { gistOf } from './gist.js';
import { furthestDate, limitsOf, type Limits, type Profile } from './guardrails.js';
import { datasetKey, isOfDataset } from './object-types.js';
import { overlaps } from './ranges.js';
import { furthestTaken, isSame, takesColumns, takesDates, type Refusal } from './refusals.js';

/** So many reports lost, and none that came through, are no report's own fault. */
const MANY_REPORTS = 3;

/** Generations of parts, all refused by the same gist, after which no more are cut. */
const ENOUGH = { ifReportsRead: 1, ifNothingElseDoes: 2 };

/** Words that name more columns than this list what is allowed. */
const MOST_COLUMNS_NAMED = 3;

/** What a run knows when it plans. */
export interface Knowledge {
  needs: ReadonlyMap<string, Need>;
  /** Chunks that failed before. */
  failed: readonly FailedChunk[];
  /** Reports that came through; undefined in a run that an earlier version began. */
  reportsLoaded: number | undefined;
  refusals: readonly Refusal[];
  profile: Profile;
  today: DateOnly;
}

export interface Answered {
  /** Smaller questions, to be asked at once. */
  parts: Chunk[];
  /** What the others used up of their cells' tries; planning has to find another way. */
  settled: FailedChunk[];
  /** What Pinterest refuses the ad account, as has just been found out. */
  learned: Refusal[];
}

const reportsIn = (failures: readonly FailedChunk[]): FailedChunk[] =>
  failures.filter(({ chunk }) => chunk.method === 'report');

const idsByNeed = new WeakMap<Need, ReadonlySet<string>>();

const idsOf = (need: Need): ReadonlySet<string> => {
  const ids = idsByNeed.get(need) ?? new Set(objectsOf(need).map(({ id }) => id));
  idsByNeed.set(need, ids);
  return ids;
};

const sharesCells = (a: Chunk, b: Chunk): boolean => {
  const sharesIds =
    typeof a.ids === 'string' || typeof b.ids === 'string' || a.ids.some((id) => b.ids.includes(id));
  return isOfDataset(a, b) && overlaps(a, b) && sharesIds;
};

/** Whether all reports of this run were lost, and they are many: then one is asked for again, and not all. */
export const manyReportsLost = (failed: readonly FailedChunk[], reportsLoaded: number | undefined): boolean =>
  reportsLoaded === 0 && reportsIn(failed).length >= MANY_REPORTS;

/** Whether it did not help, either: this ad account cannot have reports now, or not from here. */
export const reportsAreLost = (
  failed: readonly FailedChunk[],
  reportsLoaded: number | undefined,
): boolean => {
  if (!manyReportsLost(failed, reportsLoaded)) return false;
  const reports = reportsIn(failed).map(({ chunk }) => chunk);
  return reports.some((chunk, i) => reports.slice(0, i).some((other) => sharesCells(chunk, other)));
};

/** @param toSplit chunks that were refused, or proved too big */
export const answerFailures = (toSplit: readonly FailedChunk[], knowledge: Knowledge): Answered => {
  const answers = toSplit.map((failure) => new Answer(failure, toSplit, knowledge).answer());
  const settled = answers.flatMap((answer) => answer.settled ?? []);
  const learned = [
    ...answers.flatMap((answer) => answer.learned ?? []),
    ...reportsRefused([...knowledge.failed, ...settled], knowledge),
  ];
  return {
    parts: answers.flatMap((answer) => answer.parts ?? []),
    settled,
    learned: learned.filter(
      (one, i) => ![...knowledge.refusals, ...learned.slice(0, i)].some((other) => isSame(one, other)),
    ),
  };
};

/** Reports that are all refused by the same gist, which analytics calls did not hear. */
const reportsRefused = (
  failed: readonly FailedChunk[],
  { needs, reportsLoaded }: Knowledge,
): readonly Refusal[] => {
  if (!reportsAreLost(failed, reportsLoaded)) return [];
  const gist = ({ chunk, said }: FailedChunk): string | undefined =>
    said === undefined ? undefined : gistOf(said, idsOf(needs.get(datasetKey(chunk))!));
  const reports = reportsIn(failed);
  const [first, ...others] = new Set(reports.map(gist));
  const heard = failed.some((failure) => failure.chunk.method === 'analytics' && gist(failure) === first);
  return others.length > 0 || first === undefined || heard
    ? []
    : [{ method: 'report', what: 'everything', value: '', said: reports[0]!.said! }];
};

class Answer {
  private readonly chunk: Chunk;
  /** Pinterest's words; undefined if it did not refuse. */
  private readonly said: string | undefined;
  private readonly need: Need;

  constructor(
    private readonly failure: FailedChunk,
    private readonly together: readonly FailedChunk[],
    private readonly knowledge: Knowledge,
  ) {
    this.chunk = failure.chunk;
    this.said = failure.said;
    this.need = knowledge.needs.get(datasetKey(failure.chunk))!;
  }

  answer(): Partial<Answered> {
    const learned = this.learnedFromWords();
    // The next plan keeps to it.
    if (learned.length > 0) return { learned };
    return this.chunk.method === 'report' ? this.ofReport() : this.ofAnalytics();
  }

  private ofReport(): Partial<Answered> {
    const { failed, reportsLoaded } = this.knowledge;
    const lost: FailedChunk = { ...this.failure, tries: 1 };
    if (this.generationsAlike() > 0) return { settled: [{ ...lost, refused: true }] };
    // As long as cutting helps, a part is not one more loss.
    if (this.said !== undefined && this.anotherPartCameThrough()) {
      const parts = this.cut();
      return parts ? { parts } : { settled: [lost] };
    }
    const again = reportsIn(failed).some(({ chunk }) => sharesCells(chunk, this.chunk));
    const oneWillDo = manyReportsLost([...failed, ...this.together], reportsLoaded);
    const isFirst = reportsIn(this.together)[0] === this.failure;
    const parts = again || (oneWillDo && !isFirst) ? undefined : this.cut();
    return { settled: [lost], parts: parts ?? [] };
  }

  private ofAnalytics(): Partial<Answered> {
    if (this.said === undefined) {
      const parts = this.cut();
      return parts ? { parts } : { settled: [this.failure] };
    }
    const tried: FailedChunk = { ...this.failure, tries: 1 };
    const refused: FailedChunk = { ...tried, refused: true };
    const reports = this.canRead('report');
    const alike = this.generationsAlike();
    const enough = alike >= (reports ? ENOUGH.ifReportsRead : ENOUGH.ifNothingElseDoes);
    const onePeriod = this.periods().length === 1;
    const edge = onePeriod || enough ? this.edge() : undefined;
    if (edge && reports) return { settled: [refused], learned: [edge] };
    if (enough || (reports && onePeriod && this.isAlike())) return { settled: [refused] };
    const parts = this.cut();
    if (parts) return { parts };
    // A cell that cannot be cut is asked for once more: refusals pass now and then.
    const again = this.knowledge.failed.some(
      ({ chunk, said }) =>
        said !== undefined && chunk.method === 'analytics' && sharesCells(chunk, this.chunk),
    );
    return { settled: [again ? refused : tried] };
  }

  /** A limit that is nearer than the stated one, or columns that Pinterest does not take. */
  private learnedFromWords(): Refusal[] {
    const { chunk, said, need } = this;
    if (said === undefined) return [];
    const { method } = chunk;
    const { today, refusals } = this.knowledge;
    const days = Number(/last (\d{1,4}) days/i.exec(said)?.[1] ?? 0);
    const furthest = days > 0 ? furthestDate(today, days) : chunk.from;
    // Said now and then of dates that are taken the next time: believed only if reports read what is lost by it.
    if (method === 'analytics' && furthest > chunk.from && this.canRead('report')) {
      return [{ method, what: 'dates', value: furthest, said }];
    }
    const { columns } = need.criteria;
    const words = new Set(said.match(/\w+/g));
    const named = columns.filter((column) => words.has(column));
    const asked = named.filter((column) => takesColumns(refusals, method, [column]));
    return named.length <= MOST_COLUMNS_NAMED && named.length < columns.length
      ? asked.map((value) => ({ method, what: 'column', value, said }))
      : [];
  }

  /** Dates before which analytics are refused: the one after the chunk has come through, the one before has not. */
  private edge(): Refusal | undefined {
    const { periods } = this.need;
    const first = periods.findIndex(({ from }) => from >= this.chunk.from);
    const after = periods.find(({ from }) => from > this.chunk.to);
    const before = periods[first - 1];
    if (!after || this.isStale(after) || (before && !this.isStale(before))) return undefined;
    return { method: 'analytics', what: 'dates', value: after.from, said: this.said! };
  }

  /** Whether the first of the chunk's objects lacks a period. */
  private isStale(period: DateRange): boolean {
    const { ids } = this.chunk;
    const { criteria, coverage } = this.need;
    const object = objectsOf(this.need).find(({ id }) => typeof ids === 'string' || ids[0] === id);
    const rows = object ? new CoverageIndex(coverage).of(object) : [];
    return isStale(newest(rows, period, criteria), period, criteria);
  }

  private limits(method: Method): Limits {
    return limitsOf(this.knowledge.profile, method, this.need.criteria.granularity);
  }

  private canRead(method: Method): boolean {
    const { refusals, today, failed, reportsLoaded } = this.knowledge;
    if (!methodsOf(this.need).includes(method)) return false;
    if (method === 'report' && reportsAreLost(failed, reportsLoaded)) return false;
    return (
      takesColumns(refusals, method, this.need.criteria.columns) &&
      takesDates(refusals, method, this.limits(method), this.chunk, today)
    );
  }

  private periods(): DateRange[] {
    const { from, to } = this.chunk;
    return this.need.periods.filter((period) => from <= period.from && period.from <= to);
  }

  private family(failures: readonly FailedChunk[]): FailedChunk[] {
    const { family } = this.chunk;
    return failures.filter(({ chunk }) => family !== undefined && chunk.family?.of === family.of);
  }

  private isAlike(): boolean {
    const { family } = this.chunk;
    if (family === undefined || this.said === undefined) return false;
    const ids = idsOf(this.need);
    const gist = gistOf(this.said, ids);
    const refused = this.family(this.together).filter(
      ({ said }) => said !== undefined && gistOf(said, ids) === gist,
    );
    return refused.length === family.parts;
  }

  private generationsAlike(): number {
    return this.isAlike() ? this.chunk.family!.alike + 1 : 0;
  }

  private anotherPartCameThrough(): boolean {
    const { family } = this.chunk;
    const all = this.family([...this.together, ...this.knowledge.failed]);
    return family !== undefined && all.length < family.parts;
  }

  /** In two, ids or dates; if the chunk reaches as far back as may be, without its oldest period first. */
  private cut(): Chunk[] | undefined {
    const { chunk, need, said } = this;
    const { today, refusals } = this.knowledge;
    const ids = objectsOf(need).map(({ id }) => id);
    const furthest = furthestTaken(refusals, chunk.method, this.limits(chunk.method), today);
    const atTheEdge =
      said !== undefined && chunk.method === 'analytics' && !chunk.part && chunk.from <= addDays(furthest, 1);
    const apart = atTheEdge ? cutOffOldest(chunk, need.periods, today) : undefined;
    const parts = apart ?? bisect(chunk, ids, need.periods, today);
    if (said === undefined) return parts?.map(({ family: _, ...part }) => part);
    const named = typeof chunk.ids === 'string' ? chunk.ids : `${chunk.ids.length} from ${chunk.ids[0]}`;
    const of = `${chunk.method} ${datasetKey(chunk)} ${named} ${chunk.from} ${chunk.to}`;
    // The oldest period by itself says little of the others.
    const alike = apart ? -1 : this.generationsAlike();
    return parts?.map((part) => ({ ...part, family: { of, parts: parts.length, alike } }));
  }
}

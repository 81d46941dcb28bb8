// What a reconciliation found: sums side by side, and where they differ.
import type { DateRange } from '../dates.js';
import type { ObjectType } from '../object-types.js';
import { byWeight, differ, DIFFERENCES_LISTED, type Difference } from './differences.js';

export interface Check {
  /** `ad_accounts`: what a whole type adds up to, against the ad account's own totals. */
  objectType: ObjectType;
  column: string;
  store: number;
  pinterest: number;
}

export interface Reconciliation {
  status: 'match' | 'differs' | 'repaired';
  adAccountId: string;
  /** The dates that were asked for; of these, those that the store covers and Pinterest still gives were compared. */
  window: DateRange;
  checks: Check[];
  /** The weightiest, 500 at most. */
  differences: Difference[];
  /** How many there are besides. */
  differencesNotListed?: number;
  /** `*`: all columns, of the dates and objects that `why` names. */
  notCompared: { column: string; why: string }[];
  apiCalls: number;
}

/** Sums of one type over some objects and dates, in the order of the columns. */
export interface Sums {
  objectType: ObjectType;
  store: readonly number[];
  pinterest: readonly number[];
}

/** By its first date: what has begun may end after the dates that were asked for, as the month that is on does. */
const isWithin = (difference: DateRange, { from, to }: DateRange): boolean =>
  from <= difference.from && difference.from <= to;

export class Findings {
  readonly notCompared: Reconciliation['notCompared'];
  private readonly checks = new Map<string, Check>();
  private readonly differences: Difference[] = [];
  private notListed = 0;

  constructor(
    private readonly columns: readonly string[],
    notCompared: Reconciliation['notCompared'],
  ) {
    this.notCompared = [...notCompared];
  }

  addSums({ objectType, store, pinterest }: Sums): void {
    this.columns.forEach((column, i) => {
      const key = `${objectType} ${column}`;
      const check = this.checks.get(key) ?? { objectType, column, store: 0, pinterest: 0 };
      check.store += store[i]!;
      check.pinterest += pinterest[i]!;
      this.checks.set(key, check);
    });
  }

  addDifferences(differences: readonly Difference[], more = 0): void {
    this.differences.push(...differences);
    this.notListed += more;
  }

  /** Totals that differ although each of their days is the same. */
  addUnexplained(totals: readonly Difference[]): void {
    const explained = (total: Difference): boolean =>
      this.differences.some(
        (other) =>
          other.objectType === total.objectType &&
          other.id === total.id &&
          other.column === total.column &&
          isWithin(other, total),
      );
    this.addDifferences(totals.filter((total) => !explained(total)));
  }

  /** What a whole type adds up to, against the ad account itself: named if its objects' differences do not explain it. */
  addAccount(
    adAccountId: string,
    { objectType, from, to }: DateRange & { objectType: ObjectType },
    { store, pinterest }: Pick<Sums, 'store' | 'pinterest'>,
  ): void {
    this.addSums({ objectType: 'ad_accounts', store, pinterest });
    if (this.notListed > 0) return;
    this.columns.forEach((column, i) => {
      const explained = this.differences
        .filter(
          (one) => one.objectType === objectType && one.column === column && isWithin(one, { from, to }),
        )
        .reduce((sum, one) => sum + one.store - one.pinterest, 0);
      const ours = store[i]! - explained;
      if (!differ(ours, pinterest[i]!)) return;
      const difference = { objectType: 'ad_accounts', id: adAccountId, from, to, column } as const;
      this.addDifferences([{ ...difference, store: ours, pinterest: pinterest[i]!, kind: 'unexplained' }]);
    });
  }

  get differs(): boolean {
    return this.differences.length > 0;
  }

  /** Whether each difference is of cells, and so goes once they are read again. */
  get repairable(): boolean {
    return this.differences.every(({ kind }) => kind !== 'unexplained');
  }

  result(
    { adAccountId, window, apiCalls }: Pick<Reconciliation, 'adAccountId' | 'window' | 'apiCalls'>,
    repaired: boolean,
  ): Reconciliation {
    const differences = this.differences.toSorted(byWeight).slice(0, DIFFERENCES_LISTED);
    const notListed = this.notListed + this.differences.length - differences.length;
    return {
      status: !this.differs ? 'match' : repaired && this.repairable ? 'repaired' : 'differs',
      adAccountId,
      window,
      checks: [...this.checks.values()],
      differences,
      ...(notListed > 0 && { differencesNotListed: notListed }),
      notCompared: this.notCompared,
      apiCalls,
    };
  }
}

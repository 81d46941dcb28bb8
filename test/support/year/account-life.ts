// What happens in ad accounts while days go by, drawn from a seed: ads appear, are archived and renamed, numbers are taken back.
import type { Simulator } from '../../../simulator/server.js';
import type { SimulatorSettings } from '../../../simulator/settings.js';

const DAY_MS = 86_400_000;
/** Numbers younger than that may still be taken back: every attribution window reaches further. */
const TAKEN_BACK_DAYS = 25;
/** Ads that an ad account has at most. */
const MOST_ADS = 30;

export class AccountLife {
  private readonly beginsOn = new Map<string, number>();
  private readonly endsOn = new Map<string, number>();
  private readonly takenBack = new Set<string>();
  private readonly changed = new Map<string, ReturnType<SimulatorSettings['changed']>>();

  /** @param random numbers from 0 to 1 */
  constructor(
    private readonly simulator: Simulator,
    private readonly random: () => number,
  ) {
    simulator.settings.changed = (id) => this.changed.get(id) ?? {};
    simulator.settings.delivers = (adId, day) =>
      day >= (this.beginsOn.get(adId) ?? -Infinity) &&
      day <= (this.endsOn.get(adId) ?? Infinity) &&
      !this.takenBack.has(`${adId} ${day}`);
  }

  /** @returns what happened, in words */
  newDay(nowMs: number): string[] {
    const today = Math.floor(nowMs / DAY_MS);
    return this.simulator.settings.adAccounts.flatMap((account) => {
      const { ads, campaigns } = this.simulator.generator.objects(account.id);
      const one = <T>(of: readonly T[]): T => of[Math.floor(this.random() * of.length)]!;
      const happened: string[] = [];
      if (this.random() < 0.1 && ads.length < MOST_ADS) {
        account.ads += 1;
        const ad = this.simulator.generator.objects(account.id).ads.at(-1)!;
        this.beginsOn.set(ad.id, today);
        happened.push(`${ad.id} appears`);
      }
      if (this.random() < 0.05) {
        const { id } = one(ads);
        this.change(id, { status: 'ARCHIVED' });
        if (!this.endsOn.has(id)) this.endsOn.set(id, today);
        happened.push(`${id} is archived`);
      }
      if (this.random() < 0.1) {
        const { id } = one<{ id: string }>([...ads, ...campaigns]);
        this.change(id, { name: `Renamed ${today}` });
        happened.push(`${id} is renamed`);
      }
      if (this.random() < 0.2) {
        const { id } = one(ads);
        const day = today - Math.floor(this.random() * TAKEN_BACK_DAYS);
        this.takenBack.add(`${id} ${day}`);
        happened.push(`numbers of ${id} are taken back`);
      }
      return happened;
    });
  }

  private change(id: string, what: ReturnType<SimulatorSettings['changed']>): void {
    this.changed.set(id, { ...this.changed.get(id), ...what });
  }

  /** `id|name|status`, one line an object, sorted. */
  catalogue(accountId: string, objectType: 'campaigns' | 'ad_groups' | 'ads'): string[] {
    const objects: readonly { id: string; name: string; status: string }[] =
      this.simulator.generator.objects(accountId)[objectType];
    return objects
      .map((object) => ({ ...object, ...this.changed.get(object.id) }))
      .map(({ id, name, status }) => `${id}|${name}|${status}`)
      .sort();
  }
}

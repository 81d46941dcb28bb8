// Whether a body comes fast enough to be waited for.

export interface Rate {
  bytes: number;
  perMs: number;
  /** Before that, nothing is asked. */
  graceMs: number;
}

/** A thousand bytes a second: any line that is worth waiting for brings more. */
export const LEAST_RATE: Rate = { bytes: 64 * 1024, perMs: 60_000, graceMs: 30_000 };

export class Pace {
  private bytes = 0;
  private waitedMs: number;

  constructor(private readonly rate: Rate) {
    this.waitedMs = -rate.graceMs;
  }

  /** Notes a piece and how long it was waited for; false if the body is too slow. */
  keeps(bytes: number, waitedMs: number): boolean {
    this.bytes += bytes;
    this.waitedMs += waitedMs;
    if (this.bytes >= this.rate.bytes && this.waitedMs >= 0) this.bytes = this.waitedMs = 0;
    return this.waitedMs <= this.rate.perMs;
  }

  /** For messages: the rate that is asked. */
  describe(): string {
    return `${Math.ceil(this.rate.bytes / 1024)} KiB in ${this.rate.perMs / 1000} s`;
  }
}

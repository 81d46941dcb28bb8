// What a run shows of itself: lines that stay and, in a terminal, one at the end that is written over.
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';

export class Display {
  /** Rows of the screen that the passing line takes now. */
  private rows = 0;
  private lastFacts = '';

  constructor(private readonly out: NodeJS.WriteStream) {}

  /** A line that stays, in the place of the passing one. */
  say(text: string): void {
    this.erase();
    this.out.write(`${text}\n`);
  }

  /**
   * A line that the next one takes the place of. Outside a terminal each stays, so that they are written only if more
   * than the clock has moved.
   */
  pass(facts: string, clock?: string): void {
    const line = clock === undefined ? facts : `${facts} · ${clock}`;
    if (this.out.isTTY) {
      this.erase();
      this.out.write(line);
      this.rows = Math.ceil(line.length / (this.out.columns || 80));
    } else if (facts !== this.lastFacts) {
      this.out.write(`${line}\n`);
    }
    this.lastFacts = facts;
  }

  /** Lets the passing line stay. */
  keep(): void {
    if (this.rows > 0) this.out.write('\n');
    this.rows = 0;
  }

  private erase(): void {
    if (this.rows === 0) return;
    moveCursor(this.out, 0, 1 - this.rows);
    cursorTo(this.out, 0);
    clearScreenDown(this.out);
    this.rows = 0;
  }
}

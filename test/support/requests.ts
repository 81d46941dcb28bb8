// Waits for what reaches the simulator, as events.
import { EventEmitter, once } from 'node:events';
import type { RequestHandler } from 'express';

/** A middleware for the simulator that says when the n-th request of a kind has come. */
export class Requests {
  private readonly events = new EventEmitter();
  private seen: string[] = [];

  /** Answers in the simulator's place, or passes on. */
  intercept: RequestHandler = (_request, _response, next) => next();

  readonly middleware: RequestHandler = (request, response, next) => {
    this.seen.push(`${request.method} ${request.path}`);
    this.events.emit('request');
    return this.intercept(request, response, next);
  };

  /** Holds back the next request of a kind; what follows passes. */
  holdBack(pattern: RegExp): { reached: Promise<void>; release(): void } {
    let release = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      this.intercept = (request, _response, next) => {
        if (!pattern.test(`${request.method} ${request.path}`)) return next();
        this.intercept = (_request, _response, pass) => pass();
        release = next;
        resolve();
      };
    });
    return { reached, release: () => release() };
  }

  /** Resolves when `count` requests match, e.g. /reports$/. */
  async reach(count: number, pattern: RegExp): Promise<void> {
    while (this.seen.filter((line) => pattern.test(line)).length < count) await once(this.events, 'request');
  }
}

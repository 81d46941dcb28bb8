// What was started here and is to be stopped: the last first.

export interface Service {
  stop(): Promise<void>;
}

export class Started {
  private readonly services: Promise<Service>[] = [];
  private stopping: Promise<void> | undefined;

  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /** Starts a service. Once everything is being stopped, nothing more is started, and no answer comes. */
  async start<S extends Service>(begin: () => S | Promise<S>): Promise<S> {
    if (this.stopping) return new Promise(() => undefined);
    const service = (async () => begin())();
    this.services.push(service);
    return service;
  }

  /** Stops what was started, also what is just about to be up. */
  stop(): Promise<void> {
    return (this.stopping ??= (async () => {
      for (const service of this.services.toReversed())
        await service.then((up) => up.stop()).catch(() => undefined);
    })());
  }
}

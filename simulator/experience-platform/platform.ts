// What the endpoints share, and what a sandbox holds. Nothing in one sandbox is seen from another.
import type { LoggedRequest } from '../wire/request-log.js';
import type { Tokens } from './access/tokens.js';
import type { Batch } from './ingestion/batch.js';
import type { Dataset } from './catalog/dataset.js';
import type { Resource } from './registry/resource.js';
import type { ExperiencePlatformSettings } from './settings.js';
import type { Faults } from './wire/faults.js';
import type { Route } from './wire/routes.js';

/** In the order in which they were made. */
export interface Sandbox {
  name: string;
  resources: Map<string, Resource>;
  datasets: Map<string, Dataset>;
  batches: Map<string, Batch>;
}

export interface Platform {
  settings: ExperiencePlatformSettings;
  tokens: Tokens;
  faults: Faults;
  log: LoggedRequest<Route>[];
  /** Batches whose rows are being read. */
  ingestions: Set<Promise<unknown>>;
  /** Where uploaded files are kept. */
  folder: string;
  sandbox(name: string): Sandbox;
}

export const createSandboxes = (): ((name: string) => Sandbox) => {
  const sandboxes = new Map<string, Sandbox>();
  return (name) => {
    const sandbox = sandboxes.get(name) ?? {
      name,
      resources: new Map(),
      datasets: new Map(),
      batches: new Map(),
    };
    sandboxes.set(name, sandbox);
    return sandbox;
  };
};

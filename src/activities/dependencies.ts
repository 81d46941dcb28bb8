// What activities are given: the parts of the product, composed once in the worker.
import type { Client } from '@temporalio/client';
import type { PermitGate, PinterestTransport } from '../pinterest/transport.js';
import type { QuotaLimit } from '../quota/limits.js';
import type { Store } from '../store/store.js';

export interface Dependencies {
  store: Store;
  transport: PinterestTransport;
  /** Credential name → access token. */
  tokens: ReadonlyMap<string, string>;
  quota: readonly QuotaLimit[];
  gate: PermitGate;
  temporal: { client(namespace: string): Client };
  /** Where answers are kept while they are loaded. */
  workFolder: string;
  /** How long to wait before a report is first looked at; later polls are spaced wider. */
  reportPollMs: number;
}

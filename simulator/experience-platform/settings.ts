// Everything about this simulator that can be set. All of it but host, port and seed may change while it runs.
import type { FaultRule } from './wire/faults.js';

/** What the technical account's role may do, in the words of Adobe's permission screen. */
export type Permission = 'View Schemas' | 'Manage Schemas' | 'View Datasets' | 'Manage Datasets';

/** Adobe's own numbers; a test lowers them. */
export interface Limits {
  /** Of a file sent in one piece. */
  uploadBytes: number;
  /** Of one part of a large file. */
  partBytes: number;
  /** Beyond these two the batch fails when it is ingested. */
  filesPerBatch: number;
  batchBytes: number;
  fieldsPerRow: number;
  batchesPerMinute: number;
  /** Items on a page of the schema registry, and at most on one of the catalog. */
  registryPage: number;
  catalogPage: number;
}

export interface ExperiencePlatformSettings {
  /** The address to listen on. */
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** Of what faults draw by chance. */
  seed: number;
  organization: string;
  /** Fields of one's own stand under `_<tenantId>`. */
  tenantId: string;
  clientId: string;
  clientSecret: string;
  /** The scopes that the client may ask for. */
  scopes: string[];
  sandboxes: string[];
  permissions: Permission[];
  tokenLifetimeMs: number;
  latencyMs: number;
  limits: Limits;
  /** How many polls of a batch see it staging before one sees it end. */
  stagingPolls: number;
  /** Adobe uses both words for the same. */
  successStatus: 'success' | 'active';
  /** Adobe's guides disagree about the name of the error threshold: this one is heard. */
  thresholdField: 'partialIngestionPercent' | 'partialIngestionPercentage';
  /** Whether ids of replayed batches carry a `$`: Adobe's sources disagree. */
  replayPrefix: 'either' | 'required' | 'forbidden';
  /** Whether a batch can be aborted between COMPLETE and its end: Adobe's guides contradict each other. */
  abortAfterComplete: 'refuse' | 'allow';
  faults: FaultRule[];
}

export type ExperiencePlatformOptions = Partial<Omit<ExperiencePlatformSettings, 'limits'>> & {
  limits?: Partial<Limits>;
};

export const settingsFrom = ({
  limits,
  ...given
}: ExperiencePlatformOptions): ExperiencePlatformSettings => ({
  host: '127.0.0.1',
  port: 0,
  seed: 1,
  organization: '53A1B2C3D4E5F60718293A4B@AdobeOrg',
  tenantId: 'acme',
  clientId: 'simulator-client',
  clientSecret: 'simulator-client-secret',
  scopes: ['openid', 'AdobeID', 'session', 'read_organizations', 'additional_info.projectedProductContext'],
  sandboxes: ['prod', 'dev'],
  permissions: ['View Schemas', 'Manage Schemas', 'View Datasets', 'Manage Datasets'],
  tokenLifetimeMs: 86_399_000,
  latencyMs: 0,
  stagingPolls: 1,
  successStatus: 'success',
  thresholdField: 'partialIngestionPercentage',
  replayPrefix: 'either',
  abortAfterComplete: 'refuse',
  faults: [],
  ...given,
  limits: {
    uploadBytes: 256_000_000,
    partBytes: 512_000_000,
    filesPerBatch: 25_000,
    batchBytes: 1_000_000_000_000,
    fieldsPerRow: 10_000,
    batchesPerMinute: 2000,
    registryPage: 300,
    catalogPage: 100,
    ...limits,
  },
});

// How to reach Temporal: its own environment variables and configuration file, as every Temporal tool reads them.
import { loadClientConnectConfig } from '@temporalio/envconfig';

export type TemporalAddress = ReturnType<typeof loadClientConnectConfig>;

/** Address, TLS, API key and namespace out of TEMPORAL_…, TEMPORAL_PROFILE and temporal.toml. */
export const temporalAddress = (): TemporalAddress => loadClientConnectConfig();

export const DEFAULT_NAMESPACE = 'default';

/** Temporal does not answer: which address, and what to do. */
export class TemporalUnreachable extends Error {
  override readonly name = 'TemporalUnreachable';

  constructor(address: string, reason: string) {
    super(
      `Cannot reach Temporal at ${address} (${reason.split('\n')[0]}). ` +
        'Start a server there, or set TEMPORAL_ADDRESS (npm start brings its own server if that is not set).',
    );
  }
}

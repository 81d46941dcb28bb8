// How to reach Temporal: its own environment variables and configuration file, as every Temporal tool reads them.
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ConnectionOptions } from '@temporalio/client';
import { isLoopbackHost } from './http/addresses.js';

export type TemporalAddress = ReturnType<typeof loadClientConnectConfig>;

/** Address, TLS, API key and namespace out of TEMPORAL_…, TEMPORAL_PROFILE and temporal.toml. */
export const temporalAddress = (): TemporalAddress => loadClientConnectConfig();

export const DEFAULT_NAMESPACE = 'default';

const isOnThisMachine = (address: string): boolean =>
  isLoopbackHost(address.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));

/** Variables by which gRPC finds a proxy, in its order; it reads no_grpc_proxy and no_proxy, too. */
const PROXY_VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy'];

/** For connections of `@temporalio/client`: a server on this machine is never asked through a proxy. */
export const directIfLocal = (options: ConnectionOptions): ConnectionOptions =>
  isOnThisMachine(options.address ?? 'localhost')
    ? { ...options, channelArgs: { 'grpc.enable_http_proxy': 0 } }
    : options;

/** Temporal does not answer: which address, and what to do. */
export class TemporalUnreachable extends Error {
  override readonly name = 'TemporalUnreachable';

  constructor(address: string, reason: string) {
    const variable = PROXY_VARIABLES.find((name) => process.env[name]);
    const proxy = variable && !isOnThisMachine(address) ? `, perhaps by the proxy of ${variable}` : '';
    super(
      `Cannot reach Temporal at ${address}${proxy} (${reason.split('\n')[0]}). ` +
        'Start a server there, or set TEMPORAL_ADDRESS (npm start brings its own server if that is not set).',
    );
  }
}

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

/** The variable that names the proxy by which `@temporalio/client` reaches a server; a worker asks through none. */
export const proxyVariableFor = (address: string): string | undefined =>
  isOnThisMachine(address) ? undefined : PROXY_VARIABLES.find((name) => process.env[name]);

/** For connections of `@temporalio/client`: a server on this machine is never asked through a proxy. */
export const directIfLocal = (options: ConnectionOptions): ConnectionOptions =>
  isOnThisMachine(options.address ?? 'localhost')
    ? { ...options, channelArgs: { 'grpc.enable_http_proxy': 0 } }
    : options;

/** Temporal does not answer: which address, and what to do. */
export class TemporalUnreachable extends Error {
  override readonly name = 'TemporalUnreachable';

  /** @param proxyVariable names the proxy that may stand between, if any */
  constructor(address: string, reason: string, proxyVariable?: string) {
    const proxy = proxyVariable === undefined ? '' : `, perhaps through the proxy of ${proxyVariable}`;
    super(
      `Cannot reach Temporal at ${address}${proxy} (${reason.split('\n')[0]}). ` +
        'Start a server there, or set TEMPORAL_ADDRESS (npm start brings its own server if that is not set).',
    );
  }
}

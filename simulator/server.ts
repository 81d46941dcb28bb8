/** Starts the simulator on a local port: Pinterest's API over real HTTP, with an account full of made-up ads. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createApp } from './app.js';
import { createGenerator, type RowGenerator } from './generator.js';
import { settingsFrom, type SimulatorOptions, type SimulatorSettings } from './settings.js';
import { createTokens } from './tokens.js';
import type { LoggedRequest } from './wire/request-log.js';

export interface Simulator {
  /** The base of the API, as in `http://127.0.0.1:4711/v5`. */
  url: string;
  port: number;
  /** Changes take effect with the next request. */
  settings: SimulatorSettings;
  /** Every request, in order of arrival. */
  log: LoggedRequest[];
  generator: RowGenerator;
  close(): Promise<void>;
}

export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const settings = settingsFrom(options);
  const generator = createGenerator(settings.seed, () => settings.adAccounts);
  const log: LoggedRequest[] = [];
  const server = createServer(createApp({ settings, generator, tokens: createTokens(settings), log }));
  server.listen(settings.port, settings.host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator has no port');
  const { port } = address;
  return {
    url: `http://${settings.host}:${port}/v5`,
    port,
    settings,
    log,
    generator,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

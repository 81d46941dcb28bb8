// Starts the simulator on a local port: Pinterest's API over real HTTP, with an account full of made-up ads.
import { createApp } from './app.js';
import { createGenerator, type RowGenerator } from './generator.js';
import { listen } from './listen.js';
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
  const generator = createGenerator(
    settings.seed,
    () => settings.adAccounts,
    (adId, day) => settings.delivers(adId, day),
  );
  const log: LoggedRequest[] = [];
  const app = createApp({ settings, generator, tokens: createTokens(settings), log });
  const { origin, port, close } = await listen(app, settings);
  return { url: `${origin}/v5`, port, settings, log, generator, close };
};

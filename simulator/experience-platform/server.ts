// Starts the simulator on a local port: Adobe Experience Platform and IMS over real HTTP.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '../listen.js';
import type { LoggedRequest } from '../wire/request-log.js';
import { createTokens, type Tokens } from './access/tokens.js';
import { createApp } from './app.js';
import { createLake, type Lake } from './lake.js';
import { createSandboxes, type Platform } from './platform.js';
import { settingsFrom, type ExperiencePlatformOptions, type ExperiencePlatformSettings } from './settings.js';
import { createFaults } from './wire/faults.js';
import type { Route } from './wire/routes.js';

export interface ExperiencePlatform {
  /** Of the platform and of IMS, as in `http://127.0.0.1:4712`. */
  url: string;
  port: number;
  /** Changes take effect with the next request. */
  settings: ExperiencePlatformSettings;
  /** Every request, in order of arrival. */
  log: LoggedRequest<Route>[];
  lake: Lake;
  tokens: Pick<Tokens, 'issued'>;
  close(): Promise<void>;
}

export const startExperiencePlatform = async (
  options: ExperiencePlatformOptions = {},
): Promise<ExperiencePlatform> => {
  const settings = settingsFrom(options);
  const folder = await mkdtemp(join(tmpdir(), 'experience-platform-'));
  const platform: Platform = {
    settings,
    tokens: createTokens(settings),
    faults: createFaults(settings),
    log: [],
    ingestions: new Set(),
    folder,
    sandbox: createSandboxes(),
  };
  const lake = createLake(platform);
  const { origin, port, close } = await listen(createApp(platform, lake), settings);
  return {
    url: origin,
    port,
    settings,
    log: platform.log,
    lake,
    tokens: platform.tokens,
    close: async () => {
      await close();
      await Promise.allSettled(platform.ingestions);
      await rm(folder, { recursive: true, force: true });
    },
  };
};

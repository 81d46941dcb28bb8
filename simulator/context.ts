// What the endpoints share.
import type { RowGenerator } from './generator.js';
import type { SimulatorSettings } from './settings.js';
import type { Tokens } from './tokens.js';
import type { LoggedRequest } from './wire/request-log.js';

export interface Context {
  settings: SimulatorSettings;
  generator: RowGenerator;
  tokens: Tokens;
  log: LoggedRequest[];
}

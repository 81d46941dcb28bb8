// A real browser, where this machine has one: neither the project nor its other tests need it.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where Debian, Ubuntu, Fedora and macOS put it. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const path = process.env['CHROMIUM'] || PLACES.find((place) => existsSync(place));

if (!path) console.warn('Skipped: there is no Chromium (CHROMIUM says where one is)');
/** Skips, saying so, where there is none. */
export const withBrowser = path ? describe : describe.skip;

/** Its profile is a fresh one in the temporary folder, and goes with it. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: path!,
    // Root, as in a container, has no sandbox to give; what is shown comes from this machine alone.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-gpu'],
  });

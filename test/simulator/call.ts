// Calls the simulator as a client would, without hiding anything.
import { startSimulator, type Simulator } from '../../simulator/server.js';
import type { SimulatorOptions } from '../../simulator/settings.js';

export const NOW = Date.UTC(2026, 4, 31, 12);
export const ACCOUNT = '/ad_accounts/549755885175';

/** The same JSON with ids as exact strings, also where they came as numbers. */
export const exact = (text: string): string => text.replace(/("[A-Z_]*ID":)(\d+)/g, '$1"$2"');

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

export const call = async (simulator: Simulator, path: string, init: Init = {}) => {
  const response = await fetch(path.startsWith('http') ? path : simulator.url + path, {
    ...init,
    headers: { authorization: `Bearer ${simulator.settings.token}`, ...init.headers },
  });
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, json: () => JSON.parse(exact(text)) };
};

export const post = (simulator: Simulator, path: string, body: unknown) =>
  call(simulator, path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

/** Runs with a simulator of its own, which is closed afterwards. */
export const withSimulator = async (
  options: SimulatorOptions,
  work: (simulator: Simulator) => Promise<void>,
): Promise<void> => {
  const simulator = await startSimulator({ now: () => NOW, ...options });
  try {
    await work(simulator);
  } finally {
    await simulator.close();
  }
};

export const query = (given: Record<string, string | number | string[]>): string =>
  `?${new URLSearchParams(
    Object.entries(given).flatMap(([key, value]) =>
      [value].flat().map((one): [string, string] => [key, String(one)]),
    ),
  ).toString()}`;

/** A report's URL, when it is ready. */
export const readyReport = async (simulator: Simulator, body: object): Promise<string> => {
  const created = await post(simulator, `${ACCOUNT}/reports`, body);
  const { token } = created.json();
  for (let poll = 1; poll <= 10; poll += 1) {
    const answer = await call(simulator, `${ACCOUNT}/reports${query({ token })}`);
    const { url } = answer.json();
    if (url) return url;
  }
  throw new Error('The report never finished');
};

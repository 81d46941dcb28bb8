// What went wrong between a worker and PostgreSQL, in words for a person: what passes by itself, and what must be mended.
import { READING_ADVICE } from '../reading-advice.js';
import { StoreUnavailable } from '../store-unavailable.js';

type Failure = Error & { code?: string; syscall?: string };

/** Of sockets, and of the stream that rows are copied through. */
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
/** Connection lost, too little of a resource, stopped by the server, deadlocked, only readable (a standby). */
const PASSING_STATES = /^(08|53|57P|40001|40P01|25P03|25006|55P03)/;
/** What the driver says if it has no code. */
const LOST = /^(Connection terminated|timeout exceeded|Client has encountered a connection error)/;

/** True if the same work may succeed later, with nobody doing anything about this program. */
export const passes = ({ code = '', syscall, message }: Failure): boolean =>
  SOCKET_CODES.has(code) ||
  (code === 'ENOENT' && syscall === 'connect') || // a socket's file is gone while its server is down
  PASSING_STATES.test(code) ||
  LOST.test(message);

const ADVICE: readonly [RegExp, string][] = [
  [/^28/, 'Check user and password of STORE_URL, and whether the server lets this host in (pg_hba.conf).'],
  [/^3D000/, 'Make that database, or name another in STORE_URL.'],
  [
    /^42501/,
    `To load, STORE_URL's role needs a schema of its own for each dataflow, or the right to make one. ${READING_ADVICE}`,
  ],
  [/^42939/, 'Give the dataflow another name.'],
  [
    /CERT|^UNABLE_TO_|^ERR_TLS|^ERR_SSL/,
    'Name the certificate of its authority by sslrootcert=FILE in STORE_URL: docs/postgresql.md.',
  ],
];

// A refusal of several addresses at once has a code, and no words.
const words = ({ message, code }: Failure): string => message.split('\n')[0] || (code ?? 'no answer');

export const cannotBeUsedNow = (address: string, failure: Failure, waitedMs: number): StoreUnavailable =>
  new StoreUnavailable(
    `The store, PostgreSQL at ${address}, cannot be used now: ${words(failure)}; waited ${Math.round(waitedMs / 1000)} s for it. ` +
      'Check that the server is up, can be reached and takes connections.',
    true,
  );

/** Of a connection that could not be made: something is to be mended. */
export const cannotBeOpened = (address: string, failure: Failure): StoreUnavailable => {
  const advice = ADVICE.find(([codes]) => codes.test(failure.code ?? ''))?.[1] ?? 'Check STORE_URL.';
  return new StoreUnavailable(
    `The store, PostgreSQL at ${address}, cannot be opened: ${words(failure)}. ${advice}`,
    false,
  );
};

/** True for what a role may not do or a dataflow may not be called, met while working. */
export const isRefusal = ({ code = '' }: Failure): boolean => /^(42501|42939)/.test(code);

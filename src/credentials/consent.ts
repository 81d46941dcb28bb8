// Waits on this machine for what Pinterest's consent page sends a person's browser back with.
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { hostOf } from '../http/addresses.js';
import { oneLine } from '../http/redact.js';

/** Consent was not given, or cannot be waited for: one sentence for a person. */
export class NoConsent extends Error {
  override readonly name = 'NoConsent';
}

/** Told to the browser once the code has been used. */
export interface Outcome {
  heading: string;
  words: string;
}

export interface Consent {
  code: string;
  /** Lets the browser show what came of it; nobody else is listened to any more. */
  end(outcome: Outcome): Promise<void>;
}

const escaped = (words: string): string => words.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const page = ({ heading, words }: Outcome): string =>
  `<!doctype html><meta charset="utf-8"><title>${escaped(heading)}</title>` +
  `<body style="font-family: sans-serif; max-width: 40em; margin: 4em auto"><h1>${escaped(heading)}</h1><p>${escaped(words)}</p>`;

/** The address held a code: it is not to be kept, nor told to other sites. */
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  Connection: 'close',
};

/** Takes as long for every wrong text. */
const isSame = (given: string, wanted: string): boolean => {
  const [a, b] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
};

const LONGEST_WORDS = 300;

/** @throws NoConsent if the page said no, or the answer is not to this very question */
const codeOf = (query: URLSearchParams, state: string): string => {
  if (!isSame(query.get('state') ?? '', state))
    throw new NoConsent(
      'The browser came back with a state that is not the one of this call: somebody else may have sent it. ' +
        'Nothing was stored; start again and open the address that is printed then.',
    );
  const code = query.get('code');
  if (code && !query.has('error')) return code;
  const said = ['error', 'error_description'].flatMap((name) => query.get(name) ?? []).join(': ');
  throw new NoConsent(`Consent was refused; the page said: ${oneLine(said, LONGEST_WORDS)}`);
};

/** `localhost` has two addresses, and a browser may come by either. */
const addressesOfHost = (host: string): string[] => (host === 'localhost' ? ['127.0.0.1', '::1'] : [host]);

/** @throws NoConsent if somebody else listens there */
const listen = async (redirectUri: string, handle: RequestListener): Promise<Server[]> => {
  const port = Number(new URL(redirectUri).port || 80);
  const servers: Server[] = [];
  for (const host of addressesOfHost(hostOf(redirectUri))) {
    const server = createServer(handle);
    server.listen(port, host);
    try {
      await once(server, 'listening');
      servers.push(server);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A machine without IPv6.
      if (host === '::1' && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue;
      for (const each of servers) each.close();
      throw new NoConsent(
        `PINTEREST_REDIRECT_URI: cannot listen on ${host}, port ${port} (${code ?? message}). Stop the program that does ` +
          'already, or register another redirect address at the app and set it.',
      );
    }
  }
  return servers;
};

export interface Listener {
  /** The first answer that comes. @throws NoConsent */
  consent(signal: AbortSignal): Promise<Consent>;
  close(): void;
}

/**
 * Listens at the redirect address from now on, on this machine alone.
 * @param redirectUri `http://localhost:8085/`
 * @param state what an answer has to bring along
 * @throws NoConsent if it cannot
 */
export const listenForConsent = async (redirectUri: string, state: string): Promise<Listener> => {
  const { pathname } = new URL(redirectUri);
  let taken = false;
  let settle!: { resolve(consent: Consent): void; reject(reason: unknown): void };
  const answered = new Promise<Consent>((resolve, reject) => (settle = { resolve, reject }));
  answered.catch(() => undefined); // nobody may be waiting yet
  const hear = async (request: IncomingMessage, end: (status: number, outcome: Outcome) => Promise<void>) => {
    const url = new URL(request.url ?? '/', redirectUri);
    const isAnswer = ['code', 'error', 'state'].some((name) => url.searchParams.has(name));
    // Browsers ask for icons, too.
    if (request.method !== 'GET' || url.pathname !== pathname || !isAnswer)
      await end(404, { heading: 'Nothing is here', words: 'This address waits for a consent page.' });
    else if (taken)
      await end(409, { heading: 'Too late', words: 'An answer has come already; this one is not used.' });
    else {
      taken = true;
      try {
        const code = codeOf(url.searchParams, state);
        settle.resolve({ code, end: (outcome) => end(200, outcome) });
      } catch (error) {
        await end(400, { heading: 'Nothing was stored', words: (error as Error).message });
        settle.reject(error);
      }
    }
  };
  const servers = await listen(redirectUri, (request, response) => {
    void hear(request, async (status, outcome) => {
      if (response.closed) return; // the browser has not waited
      response.writeHead(status, HEADERS).end(page(outcome));
      await once(response, 'close');
    });
  });
  const close = (): void => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  return {
    consent: (signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        answered.then(resolve, reject);
      }),
    close,
  };
};

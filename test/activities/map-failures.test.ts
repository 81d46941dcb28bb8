// What Temporal gets to see of an activity's error, attempt after attempt.
import type { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { counts, countCalls } from '../../src/activities/interceptors/count-calls.js';
import { mapFailures } from '../../src/activities/interceptors/map-failures.js';
import { KnownError } from '../../src/dataflow/failures.js';
import { MalformedAnswer } from '../../src/loading/malformed-answer.js';
import { errorOfResponse } from '../../src/pinterest/errors.js';
import { QuotaUnanswered } from '../../src/quota/permits/quota-exhausted.js';
import { StoreUnavailable } from '../../src/store/store.js';

const PAUSE_MS = 1_000;
/** More attempts than any kind of failure gets, but for those that are tried as long as it takes. */
const MOST = 8;

const answered = (status: number, body = ''): Error => errorOfResponse(status, () => undefined, body, 'x', 0);

/** @param hear what each heartbeat carries, as JSON, as Temporal does */
const attemptAfter = (
  heartbeatDetails: unknown,
  hear: (details: unknown) => void,
): MockActivityEnvironment => {
  const environment = new MockActivityEnvironment(
    { heartbeatDetails },
    {
      interceptors: [countCalls, mapFailures({ retryPauseMs: PAUSE_MS, searchAttributes: false })],
      logger: new DefaultLogger('ERROR'),
    },
  );
  environment.on('heartbeat', (details) => hear(JSON.parse(JSON.stringify(details))));
  return environment;
};

/** The failures of an activity whose every attempt makes one call and throws `error`, until Temporal gives up. */
const failuresOf = async (error: Error, input: unknown = {}): Promise<ApplicationFailure[]> => {
  const failures: ApplicationFailure[] = [];
  let heartbeatDetails: unknown;
  while (failures.length < MOST && !failures.at(-1)?.nonRetryable) {
    const environment = attemptAfter(heartbeatDetails, (details) => (heartbeatDetails = details));
    const attempt = environment.run(async (_: unknown) => {
      counts().started('analytics');
      counts().failed();
      throw error;
    }, input);
    failures.push(
      await attempt.then(
        () => Promise.reject(new Error('It did not fail')),
        (failure) => failure,
      ),
    );
  }
  return failures;
};

const WHOLE = { chunk: {} };
const PART = { chunk: { part: true } };
const truncated = new MalformedAnswer('truncated', 'It ends early', Buffer.of());

test.each<[string, Error, unknown, string, number]>([
  ['a 500', answered(500), WHOLE, 'Transient', 5],
  ['a 500 to a part', answered(500), PART, 'Transient', 2],
  ['a truncated body', truncated, WHOLE, 'TooLarge', 2],
  ['a truncated body of a part', truncated, PART, 'TooLarge', 2],
  ['a 413', answered(413), WHOLE, 'TooLarge', 1],
  ['a 404 to a part', answered(404), PART, 'Refused', 1],
  ['a fault of ours', new TypeError('x is undefined'), null, 'Unexpected', 5],
  ['a quota that does not answer', new QuotaUnanswered('it is away', 0), PART, 'QuotaUnanswered', 1],
])('%s: tried as often as it may help, with every call counted', async (_, error, input, type, tries) => {
  const failures = await failuresOf(error, input);
  expect(failures.map((failure) => failure.type)).toEqual(Array.from({ length: tries }, () => type));
  expect(failures.at(-1)).toMatchObject({
    message: error.message,
    nonRetryable: tries < MOST,
    details: [{ apiCalls: { analytics: tries, retried: tries - 1, total: tries }, toRetry: 1 }],
  });
});

test('a chunk that kills its worker is given up after ten times, with every call counted', async () => {
  let heartbeatDetails: unknown;
  const attempt = (input: unknown): Promise<ApplicationFailure | undefined> => {
    let now: unknown;
    return attemptAfter(heartbeatDetails, (details) => (now = details))
      .run((_: unknown) => {
        counts().started('reports');
        // Whatever comes after this heartbeat, Temporal does not hear of it: the process is gone.
        heartbeatDetails = now;
        return Promise.resolve();
      }, input)
      .then(
        () => undefined,
        (failure: ApplicationFailure) => failure,
      );
  };
  for (let i = 0; i < 10; i++) expect(await attempt(WHOLE)).toBeUndefined();
  expect(await attempt(WHOLE)).toMatchObject({
    type: 'Timeout',
    message: expect.stringContaining('The worker did not come back from this work 10 times') as string,
    nonRetryable: true,
    details: [{ apiCalls: { reports: 10, total: 10 } }],
  });
  // Nothing else can be cut.
  expect(await attempt({ run: {} })).toBeUndefined();
});

test('failures that Temporal hears of are no lost attempts', async () => {
  const pending = new KnownError('ReportPending', 'It is being made', { retryAtMs: 0 });
  let heartbeatDetails: unknown;
  for (let i = 0; i < 12; i++) {
    const attempt = attemptAfter(heartbeatDetails, (details) => (heartbeatDetails = details));
    const failed = attempt.run((_: unknown) => {
      counts().started('reports');
      return Promise.reject(pending);
    }, WHOLE);
    await expect(failed).rejects.toMatchObject({ type: 'ReportPending' });
  }
});

test('pauses double', async () => {
  const failures = await failuresOf(answered(500));
  expect(failures.map(({ nextRetryDelay }) => nextRetryDelay)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
});

const NO_SPACE = 'No space left on device';
test.each<[string, Error, string]>([
  ['the operating system', Object.assign(new Error('write'), { code: 'ENOSPC' }), 'DiskFull'],
  ['PostgreSQL', new Error(`could not extend file "base/1": ${NO_SPACE}`), 'DiskFull'],
  ['DuckDB, as it opens', new StoreUnavailable(`The store cannot be opened: ${NO_SPACE}`, false), 'DiskFull'],
  ['a page of Pinterest', answered(500, NO_SPACE), 'Transient'],
  [
    'a body of Pinterest',
    new MalformedAnswer('not-json', 'No JSON', Buffer.from(NO_SPACE)),
    'ContractViolation',
  ],
])('that no space is left, said by %s: whose disk it is', async (_, error, type) => {
  const [failure] = await failuresOf(error);
  expect(failure!.type).toBe(type);
});

// What each answer of Pinterest's means, and when it says to come back: every status and form that is known.
import type { HeaderLookup } from '../../src/http/headers.js';
import { errorOfFailure, errorOfResponse, type ErrorKind } from '../../src/pinterest/errors.js';
import { comeBackAfter, usedUpUntil } from '../../src/pinterest/rate-limit.js';

const NOW = Date.parse('2026-05-20T12:00:00Z');
const SECOND = 1_000;
const CAP = 25 * 3_600 * SECOND;
const WHAT = 'analytics of 20 campaigns, 2026-05-01 to 2026-05-19';

const headersOf =
  (headers: Record<string, string>): HeaderLookup =>
  (name) =>
    headers[name];
const answer = (code: number, message: string): string =>
  JSON.stringify({ code, message, status: 'failure' });
const errorOf = (status: number, body = '', headers: Record<string, string> = {}, token = '') =>
  errorOfResponse(status, headersOf(headers), body, WHAT, NOW, [token]);

test.each<[number, string, ErrorKind, string]>([
  [301, '', 'ContractViolation', 'a token is never sent along a redirect'],
  [302, '', 'ContractViolation', 'redirected'],
  [304, '', 'ContractViolation', 'HTTP 304'],
  [307, '', 'ContractViolation', 'redirected'],
  [400, answer(1, 'You can only get data from the last 90 days'), 'Refused', 'the last 90 days'],
  [400, answer(12, 'Something went wrong on our end.'), 'Transient', 'code 12'],
  [400, answer(1, 'Too many requests. Retry after 7 seconds.'), 'RateLimited', '2026-05-20T12:00:07'],
  [400, 'Retry after 1 second', 'RateLimited', '2026-05-20T12:00:01'],
  [401, answer(2, 'Authentication failed.'), 'CredentialExpired', 'Get a new token'],
  [401, answer(3, "Authorization failed. Missing: ['ads:read']"), 'AccessDenied', 'ads:read'],
  [402, '', 'Refused', 'HTTP 402'],
  [403, answer(3, 'Your application is missing scopes'), 'AccessDenied', 'ads:read'],
  [403, '\n<!DOCTYPE html><title>Access Denied</title>', 'ContractViolation', "not Pinterest's: HTTP 403"],
  [404, answer(2, 'Campaign not found.'), 'Refused', 'Campaign not found.'],
  [405, '', 'Refused', 'HTTP 405'],
  [407, '', 'Transient', 'HTTPS_PROXY'],
  [408, '', 'Transient', 'HTTP 408'],
  [409, '', 'Refused', 'HTTP 409'],
  [410, '', 'Refused', 'HTTP 410'],
  [413, '', 'TooLarge', 'too large'],
  [414, '', 'TooLarge', 'too large'],
  [422, '', 'Refused', 'HTTP 422'],
  [429, answer(8, 'You have exceeded your rate limit.'), 'RateLimited', 'exceeded your rate limit'],
  [429, '<html>slow down</html>', 'RateLimited', 'until 2026-05-20T12:01:00'],
  [500, answer(0, 'Internal server error.'), 'Transient', 'Internal server error.'],
  [502, '<html><body>Bad gateway</body></html>', 'Transient', 'Bad gateway'],
  [503, '', 'Transient', 'HTTP 503'],
  [504, '', 'Transient', 'HTTP 504'],
  [520, '', 'Transient', 'HTTP 520'],
  [599, '', 'Transient', 'HTTP 599'],
])('HTTP %i with %j is %s', (status, body, kind, words) => {
  const error = errorOf(status, body);
  expect(error).toMatchObject({ name: 'PinterestError', kind, facts: { status } });
  expect(error.message).toContain(words);
  expect(error.message).toContain(WHAT);
  expect(error.facts.retryAtMs !== undefined).toBe(kind === 'RateLimited');
});

test.each([
  ['ECONNREFUSED', true],
  ['ENOTFOUND', true],
  ['EAI_AGAIN', true],
  ['ECONNRESET', undefined],
  ['ETIMEDOUT', undefined],
  ['CERT_HAS_EXPIRED', undefined],
  [undefined, undefined],
])('no answer, %s: unreachable %s', (code, unreachable) => {
  const error = errorOfFailure(code, WHAT, 'api.pinterest.com');
  expect(error).toMatchObject({ kind: 'Transient', message: expect.stringContaining('api.pinterest.com') });
  expect(error.facts.unreachable).toBe(unreachable);
});

test.each([
  'null',
  '[]',
  '17',
  '"done"',
  '{"code":"8","message":{"a":1}}',
  '{"message":null}',
  '{',
  '\u0000',
])('a body that is no error object (%j) leaves the status to speak', (body) => {
  expect(errorOf(404, body)).toMatchObject({
    kind: 'Refused',
    message: expect.stringContaining('HTTP 404'),
  });
});

test('words out of an answer are one short line, whatever it holds', () => {
  const long = `first\n\tsecond\u0000\u001b[31m ${'🌱'.repeat(400)}`;
  for (const body of [answer(1, long), long, answer(1, '\ud800 alone'), answer(1, ` ${'🌱'.repeat(400)}`)]) {
    const { message } = errorOf(400, body);
    expect(message).not.toMatch(/\p{Cc}|\p{Surrogate}/u);
    expect(message.length).toBeLessThan(500);
  }
});

test('a token that an answer echoes is not repeated, in any form, nor half of it where words are cut', () => {
  const token = 'pina_7Xq+/9zK=echo~TOKEN';
  const forms = [token, encodeURIComponent(token), token.replaceAll('/', '\\/')];
  const bodies = forms.flatMap((form) => [
    `{"code":1,"message":"bad header: Bearer ${form}; sorry"}`,
    `<html>Authorization: Bearer ${form}</html>`,
    `{"code":1,"message":"${'x'.repeat(280)} ${form}"}`,
    `${'x'.repeat(85)} ${form}`,
  ]);
  for (const body of bodies) {
    for (const status of [301, 400, 401, 403, 404, 413, 429, 500]) {
      const { message } = errorOf(status, body, {}, token);
      expect(message).not.toMatch(/pina_|7Xq|9zK|TOKEN/);
    }
  }
});

test.each<[string, Record<string, string>, number]>([
  ['nothing', {}, 60 * SECOND],
  ['Retry-After in seconds', { 'retry-after': '120' }, 120 * SECOND],
  ['Retry-After with a fraction', { 'retry-after': ' 1.5 ' }, 1.5 * SECOND],
  ['Retry-After as a date', { 'retry-after': 'Wed, 20 May 2026 12:05:00 GMT' }, 300 * SECOND],
  ['Retry-After as a date in RFC 850', { 'retry-after': 'Wednesday, 20-May-26 12:05:00 GMT' }, 300 * SECOND],
  ['Retry-After as a date that is over', { 'retry-after': 'Wed, 20 May 2026 11:00:00 GMT' }, SECOND],
  ['Retry-After 0', { 'retry-after': '0' }, SECOND],
  ['Retry-After beyond any limit', { 'retry-after': '9'.repeat(400) }, CAP],
  ['Retry-After in a year', { 'retry-after': 'Thu, 20 May 2027 12:00:00 GMT' }, CAP],
  ['X-RateLimit-Reset', { 'x-ratelimit-reset': '67150' }, 67_150 * SECOND],
  ['both: Retry-After wins', { 'retry-after': '5', 'x-ratelimit-reset': '67150' }, 5 * SECOND],
  ['a reset in epoch seconds', { 'x-ratelimit-reset': '1779278407' }, 7 * SECOND],
  ['a reset in epoch milliseconds', { 'x-ratelimit-reset': '1779278407500' }, 7.5 * SECOND],
  ['a reset in epoch seconds, long ago', { 'x-ratelimit-reset': '1600000000' }, 60 * SECOND],
  ['a reset in more than a day', { 'x-ratelimit-reset': '86401' }, 60 * SECOND],
  ['a reset in a day', { 'x-ratelimit-reset': '86400' }, 86_400 * SECOND],
  ['Retry-After in epoch seconds', { 'retry-after': '1779278407' }, 7 * SECOND],
  ...['soon', '-5', '+5', 'garbage 5', '5 apples', '', '1.5.', 'May 2026', 'NaN', 'Infinity', '1e9'].map(
    (text): [string, Record<string, string>, number] => [
      `${JSON.stringify(text)} for Retry-After, and a reset`,
      { 'retry-after': text, 'x-ratelimit-reset': '30' },
      30 * SECOND,
    ],
  ),
  ['garbage for both', { 'retry-after': 'soon', 'x-ratelimit-reset': '12;w=1' }, 60 * SECOND],
])('when to come back, by %s', (_, headers, afterMs) => {
  expect(comeBackAfter(headersOf(headers), NOW).atMs - NOW).toBe(afterMs);
  expect(errorOf(429, '', headers).facts.retryAtMs).toBe(NOW + afterMs);
});

test.each<[string, Record<string, string>, string]>([
  ['', { 'retry-after': '120' }, 'until 2026-05-20T12:02:00.000Z, by Retry-After: 120 (HTTP 429)'],
  ['', { 'x-ratelimit-reset': '7' }, 'by X-RateLimit-Reset: 7 (HTTP 429)'],
  ['Retry after 7 seconds', { 'retry-after': '120' }, 'by its own words'],
  ['', {}, 'until 2026-05-20T12:01:00.000Z, by a default, as no header says when'],
  ['', { 'x-ratelimit-reset': '9'.repeat(5_000) }, 'by a default, as no header says when'],
  ['', { 'retry-after': '9'.repeat(5_000) }, `by Retry-After: ${'9'.repeat(40)} (`],
])('a wait says where it comes from: %j %j', (body, headers, words) => {
  const { message } = errorOf(429, body, headers);
  expect(message).toContain(words);
  expect(message.length).toBeLessThan(500);
});

test('what the message says goes before what headers say', () => {
  expect(comeBackAfter(headersOf({ 'retry-after': '120' }), NOW, 3).atMs - NOW).toBe(3 * SECOND);
});

test.each<[string, Record<string, string>, number | undefined]>([
  ['nothing', {}, undefined],
  ['calls left', { 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '30' }, undefined],
  ['none left', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' }, 30 * SECOND],
  ['none left, no reset', { 'x-ratelimit-remaining': '0' }, undefined],
  ['none left, for a year', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '31536000' }, undefined],
  ['none left, as a time', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1779278407' }, 7 * SECOND],
  ['none left, as a list', { 'x-ratelimit-remaining': '0, 59;w=60', 'x-ratelimit-reset': '1' }, SECOND],
  ['some left, as a list', { 'x-ratelimit-remaining': '3, 0;w=60', 'x-ratelimit-reset': '1' }, undefined],
  [
    'the list of limits that is seen in the wild',
    {
      'x-ratelimit-limit':
        '60, 100;w=1;name="safety_net_app_id_user_id", 60;w=60;name="org_analytics_app_id_user_id"',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '67150',
    },
    67_150 * SECOND,
  ],
  ['garbage', { 'x-ratelimit-remaining': 'none', 'x-ratelimit-reset': '30' }, undefined],
  ['garbage for the reset', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'tomorrow' }, undefined],
  ['less than none', { 'x-ratelimit-remaining': '-1', 'x-ratelimit-reset': '30' }, undefined],
])('used up, by %s', (_, headers, afterMs) => {
  const until = usedUpUntil(headersOf(headers), NOW);
  expect(until && until.atMs - NOW).toBe(afterMs);
});

// What each answer of Adobe's means for a delivery, and what of it a person reads.
import {
  errorOfFailure,
  errorOfResponse,
  type Service,
} from '../../../src/targets/experience-platform/access/errors.js';

const NOW = Date.UTC(2026, 4, 4);
const SECRET = 'eyJhbGciOi-a-token';
const SERVICE: Service = { name: 'Experience Platform', variable: 'EXPERIENCE_PLATFORM_URL', secret: SECRET };
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  errorOfResponse(
    SERVICE,
    status,
    (name) => headers[name],
    typeof body === 'string' ? body : JSON.stringify(body),
    'creating a batch',
    NOW,
  );

test.each([
  [
    401,
    { error_code: '401013', message: 'Oauth token is not valid' },
    'TargetRefused',
    /401013: Oauth token/,
  ],
  [
    403,
    { error_code: '403025', message: 'Profile is not valid' },
    'TargetRefused',
    /EXPERIENCE_PLATFORM_ORG/,
  ],
  [400, { error_code: '400003', message: 'Missing header' }, 'TargetRefused', /EXPERIENCE_PLATFORM_ORG/],
  [
    403,
    { error_code: '403003', message: 'Api Key is invalid' },
    'TargetRefused',
    /EXPERIENCE_PLATFORM_CLIENT_ID/,
  ],
  [403, { title: 'Forbidden', detail: 'no' }, 'TargetRefused', /role of the technical account/],
  [400, { error: 'invalid_client', error_description: 'bad' }, 'TargetRefused', /CLIENT_SECRET/],
  [404, 'not here', 'TargetRefused', /refused creating a batch \(HTTP 404: not here\)/],
  [
    400,
    {
      type: 'http://ns.adobe.com/aep/errors/XDM-1521-400',
      title: 'Title not unique',
      report: { 'detailed-message': 'Object titles must be unique' },
    },
    'TargetRefused',
    /XDM-1521-400: Object titles must be unique/,
  ],
  [302, '', 'TargetRefused', /never sent along a redirect.*EXPERIENCE_PLATFORM_URL/],
  [403, '<html>', 'TargetUnavailable', /proxy or a gateway/],
  [407, '', 'TargetUnavailable', /HTTPS_PROXY/],
  [408, '', 'TargetUnavailable', /failed/],
  [409, '', 'TargetUnavailable', /failed/],
  [500, '<html>', 'TargetUnavailable', /failed/],
  [503, '', 'TargetUnavailable', /failed/],
])('%i %j is %s', (status, body, kind, message) => {
  expect(answer(status, body)).toMatchObject({
    kind,
    message: expect.stringMatching(message) as unknown,
    facts: status === 407 ? {} : status === 302 ? {} : { status },
  });
});

test.each([
  [429, '30', NOW + 30_000],
  [429, 'Mon, 04 May 2026 01:00:00 GMT', NOW + 3_600_000],
  [429, 'Mon, 04 May 2020 01:00:00 GMT', NOW],
  [429, undefined, NOW + 60_000],
  [503, '5', NOW + 5_000],
])('%i with Retry-After %s is a throttle with a time', (status, retryAfter, retryAtMs) => {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  expect(answer(status, {}, headers)).toMatchObject({ kind: 'TargetThrottled', facts: { retryAtMs } });
});

test('a token that is echoed is masked, a page is cut to one short line', () => {
  const { message } = answer(400, { message: `Bad header:\nBearer ${SECRET} ${'x'.repeat(1_000)}` });
  expect(message).toContain('Bad header: Bearer ***');
  expect(message).not.toContain('\n');
  expect(message.length).toBeLessThan(500);
  expect(answer(502, `<pre>${encodeURIComponent(SECRET)}</pre>`).message).toContain('<pre>***');
});

test('what cannot be reached names the variable', () => {
  const error = errorOfFailure(SERVICE, 'ECONNREFUSED', 'creating a batch', 'platform.adobe.io');
  expect(error).toMatchObject({
    kind: 'TargetUnavailable',
    message: expect.stringMatching(/Cannot reach.*platform\.adobe\.io.*EXPERIENCE_PLATFORM_URL/) as unknown,
  });
});

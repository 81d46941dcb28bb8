// The page on which a person allows an app to read, or does not; it is on Pinterest's own site, not in the API.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Context } from '../context.js';
import { parse, parseQuery } from '../wire/parameters.js';
import { badRequest } from '../wire/refusal.js';

const Question = z.object({
  client_id: z.string(),
  redirect_uri: z.url(),
  response_type: z.literal('code'),
  scope: z.string(),
  state: z.string().default(''),
});
type Question = z.infer<typeof Question>;
const Decision = Question.extend({ decision: z.enum(['allow', 'deny']) });

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const checked = <Asked extends Question>({ settings }: Context, asked: Asked): Asked => {
  if (asked.client_id !== settings.oauth.clientId) throw badRequest('The app is not known.');
  return asked;
};

export const showConsent =
  (context: Context): RequestHandler =>
  (request, response) => {
    const asked = checked(context, parseQuery(Question, request));
    const hidden = Object.entries(asked).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`,
    );
    response
      .type('html')
      .send(
        `<!doctype html><title>Pinterest (simulated)</title><h1>Give ${escaped(asked.client_id)} access?</h1>` +
          `<p>It asks for ${escaped(asked.scope)}.</p><form method="post">${hidden.join('')}` +
          '<button name="decision" value="allow">Give access</button> ' +
          '<button name="decision" value="deny">Cancel</button></form>',
      );
  };

export const decide =
  (context: Context): RequestHandler =>
  (request, response) => {
    const { decision, redirect_uri, scope, state } = checked(context, parse(Decision, request.body));
    const scopes = scope.split(/[ ,]+/).filter((one) => context.settings.scopes.includes(one));
    const answer: Record<string, string> =
      decision === 'allow'
        ? { code: context.tokens.consented({ scopes, redirectUri: redirect_uri }) }
        : { error: 'access_denied', error_description: 'The user did not allow it.' };
    const address = new URL(redirect_uri);
    for (const [name, value] of Object.entries({ ...answer, state })) address.searchParams.set(name, value);
    response.redirect(address.href);
  };

// The four headers of every call to the platform, checked in the gateway's order, and what the role allows.
import type { Request, RequestHandler } from 'express';
import { entryOf } from '../../wire/request-log.js';
import type { Platform, Sandbox } from '../platform.js';
import type { Permission } from '../settings.js';
import { forbidden, gateway } from '../wire/refusal.js';

export const checkHeaders =
  ({ settings, tokens }: Platform): RequestHandler =>
  ({ headers }, response, next) => {
    const { authorization } = headers;
    if (authorization === undefined) throw gateway('403010', 'Oauth token is missing.');
    entryOf(response).token = tokens.labelOf(authorization);
    if (!tokens.accepts(authorization)) throw gateway('401013', 'Oauth token is not valid');
    if (headers['x-api-key'] === undefined) throw gateway('403000', 'Api Key is required');
    if (headers['x-api-key'] !== settings.clientId) throw gateway('403003', 'Api Key is invalid');
    if (headers['x-gw-ims-org-id'] === undefined) throw gateway('400003', 'Missing header');
    if (headers['x-gw-ims-org-id'] !== settings.organization) throw gateway('403025', 'Profile is not valid');
    // (guess) Adobe documents that every call needs it, but not what a call without it gets.
    const sandbox = headers['x-sandbox-name'];
    if (sandbox === undefined) throw gateway('400003', 'Missing header: x-sandbox-name');
    if (!settings.sandboxes.includes(String(sandbox)))
      throw forbidden(`Sandbox ${String(sandbox)} does not exist, or this client has no access to it`);
    next();
  };

/** `reads` for GET and HEAD, `writes` for everything else. */
export const needPermission =
  ({ settings }: Platform, reads: Permission, writes: Permission): RequestHandler =>
  (request, _response, next) => {
    const needed = ['GET', 'HEAD'].includes(request.method) ? reads : writes;
    if (!settings.permissions.includes(needed)) throw forbidden(`The permission ${needed} is missing`);
    next();
  };

export const sandboxOf = (platform: Platform, request: Request): Sandbox =>
  platform.sandbox(String(request.headers['x-sandbox-name']));

// Alerts: a POST to an address that only the worker's environment names, signed as Standard Webhooks has it
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
import { createHmac } from 'node:crypto';
import { isSuccess, send } from '../http/send.js';

export interface WebhookSettings {
  /** May hold a secret itself, so it is never told. */
  url: string;
  /** `whsec_` and the key in base64, or any other text: then its bytes are the key. */
  secret: string;
}

/** Until the response begins. */
const PATIENCE_MS = 10_000;

const KEY_PREFIX = 'whsec_';
const keyOf = (secret: string): Buffer =>
  secret.startsWith(KEY_PREFIX)
    ? Buffer.from(secret.slice(KEY_PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8');

export class Webhook {
  constructor(private readonly settings: WebhookSettings) {}

  /**
   * @param id the same for each attempt at the same alert
   * @throws Error that holds neither the address nor the secret
   */
  async send(id: string, alert: unknown): Promise<void> {
    const { url, secret } = this.settings;
    const body = Buffer.from(JSON.stringify(alert));
    const sentAt = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', keyOf(secret))
      .update(`${id}.${sentAt}.`)
      .update(body)
      .digest('base64');
    const response = await send(
      {
        method: 'POST',
        url,
        headers: {
          'Content-Type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(sentAt),
          'webhook-signature': `v1,${signature}`,
        },
        data: body,
        idleTimeoutMs: PATIENCE_MS,
      },
      (why) => new Error(`The webhook does not answer (${why})`),
    );
    response.body.destroy();
    if (!isSuccess(response)) throw new Error(`The webhook answered HTTP ${response.status}`);
  }
}

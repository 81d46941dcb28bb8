// Alerts: a signed POST to an address that only the worker's environment names.
import { createHmac } from 'node:crypto';
import axios from 'axios';
import type { Readable } from 'node:stream';

export interface WebhookSettings {
  /** May hold a secret itself, so it is never told. */
  url: string;
  secret: string;
}

/** Until the answer begins. */
const PATIENCE_MS = 10_000;

export class Webhook {
  constructor(private readonly settings: WebhookSettings) {}

  /**
   * @param key the same for each attempt at the same alert
   * @throws Error that holds neither the address nor the secret
   */
  async send(key: string, alert: unknown): Promise<void> {
    const { url, secret } = this.settings;
    const body = Buffer.from(JSON.stringify(alert));
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const { data, status } = await axios
      .post<Readable>(url, body, {
        headers: {
          'Content-Type': 'application/json',
          'X-Signature-256': `sha256=${signature}`,
          'Idempotency-Key': key,
        },
        responseType: 'stream',
        validateStatus: () => true,
        maxRedirects: 0,
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      .catch((error: { code?: string }) => {
        const why = error.code === 'ERR_CANCELED' ? `within ${PATIENCE_MS / 1000} s` : `(${error.code})`;
        throw new Error(`The webhook does not answer ${why}`);
      });
    data.on('error', () => {}).destroy();
    if (status < 200 || status >= 300) throw new Error(`The webhook answered HTTP ${status}`);
  }
}

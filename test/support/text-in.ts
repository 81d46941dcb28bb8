// Everything in a value as text, bytes (payloads) decoded: to look for what must not be there.
export const textIn = (value: unknown): string => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, inner]) => `${key}: ${textIn(inner)}`)
      .join('\n');
  return String(value);
};

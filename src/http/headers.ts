// Response headers, read by name, and those that say how long to wait.
import type { RawAxiosResponseHeaders, AxiosResponseHeaders } from 'axios';

/** A header's value by its name in lower case. */
export type HeaderLookup = (name: string) => string | undefined;

export const lookupIn =
  (headers: RawAxiosResponseHeaders | AxiosResponseHeaders): HeaderLookup =>
  (name) => {
    const value: unknown = headers[name];
    return value === undefined || value === null ? undefined : String(value);
  };

/** So many seconds from now, as epoch ms; undefined for what is no plain number. */
export const secondsFromNow = (value: string | undefined, nowMs: number): number | undefined =>
  value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value) ? nowMs + Number(value) * 1000 : undefined;

/** `Retry-After`, seconds or an HTTP date, as epoch ms; undefined for anything else. */
export const retryAfterOf = (header: HeaderLookup, nowMs: number): number | undefined => {
  const value = header('retry-after');
  const inSeconds = secondsFromNow(value, nowMs);
  if (value === undefined || inSeconds !== undefined) return inSeconds;
  // Without a time of day it is no HTTP date, whatever Date makes of it: "garbage 5" is in May 2001.
  const date = /\d\d:\d\d:\d\d/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? undefined : date;
};

// What others send to a running budget, checked where it comes in: whoever may signal a workflow is only half trusted.
import { LONGEST_WINDOW_MS, MOST_CALLS, MOST_LIMITS, type QuotaLimit } from '../limits.js';
import { LEASE_CLASSES, MOST_SETTLED, type LeaseRequest, type SettledLease } from './budget-state.js';
import { integer, list, milliseconds, oneOf, record, text } from './checks.js';

/** More than any request needs: the calls of a report, and a batch. */
const MOST_NEED = 10;
const MOST_WANT = 100;

export const leaseId = text(1, 100);
export const dataflowName = text(1, 200);
const settled = list(
  record<SettledLease>({ leaseId, spent: integer(0, MOST_CALLS), unspent: integer(0, MOST_CALLS) }),
  0,
  MOST_SETTLED,
);
export const limit = record<QuotaLimit>({
  calls: integer(1, MOST_CALLS),
  windowMs: integer(1, LONGEST_WINDOW_MS),
});

const request = record<LeaseRequest>({
  leaseId,
  dataflow: dataflowName,
  class: oneOf(LEASE_CLASSES),
  want: integer(1, MOST_WANT),
  need: integer(1, MOST_NEED),
  limits: list(limit, 1, MOST_LIMITS),
  settled,
});

const hold = record<{ waitMs: number; why: string }>({ waitMs: milliseconds(), why: text(0, 10_000) });

// Each @throws Misfit with a sentence that names the field.
export const readLease = (input: unknown): LeaseRequest => request(input, '');
export const readSettled = (input: unknown): SettledLease[] => settled(input, '');
export const readHold = (input: unknown): { waitMs: number; why: string } => hold(input, '');

// How workflows read what they are sent. Built into their bundle; a worker's own side reads as Temporal does.
import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/common';

/**
 * What cannot be decoded is read as nothing: Temporal would fail the workflow's task, again with every try, so that one
 * signal with a broken payload would stop a workflow for ever. Whoever takes a message checks it.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, ...context) => defaultPayloadConverter.toPayload(value, ...context),
  fromPayload: (...payload) => {
    try {
      return defaultPayloadConverter.fromPayload(...payload);
    } catch {
      return undefined as never;
    }
  },
};

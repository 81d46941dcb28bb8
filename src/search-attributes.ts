// The search attributes of runs, registered with the Temporal server if it lets us.
import type { NativeConnection } from '@temporalio/worker';
import {
  adAccountAttribute,
  currentToAttribute,
  dataflowAttribute,
  runStatusAttribute,
} from './workflows/contract.js';

const ATTRIBUTES = [dataflowAttribute, adAccountAttribute, runStatusAttribute, currentToAttribute];

/** As Temporal's API numbers them. */
const INDEXED_VALUE_TYPES = { KEYWORD: 2, DATETIME: 6 } as const;

/**
 * Registers what the namespace lacks.
 * @returns why runs cannot set them, if they cannot: a worker does without where it may not register
 */
export const registerSearchAttributes = async (
  { operatorService }: NativeConnection,
  namespace: string,
): Promise<string | undefined> => {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = ATTRIBUTES.filter(({ name }) => !(name in customAttributes));
    if (missing.length === 0) return undefined;
    const searchAttributes = Object.fromEntries(
      missing.map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type]]),
    );
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

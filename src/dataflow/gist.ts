// What a refusal says, without what changes from one time to the next: the number of the request, a time, a date that was asked for.

/** The status, and Pinterest's code of the error. */
const STATUS = /^HTTP \d{3}(, code \d+)?/;

/**
 * Two refusals of the same gist refuse for the same reason, as far as words tell.
 * @param said the status and Pinterest's own words
 * @param ids the objects that were asked for: one that is named is the reason itself
 */
export const gistOf = (said: string, ids: ReadonlySet<string>): string => {
  const [status = ''] = STATUS.exec(said) ?? [];
  const words = said.slice(status.length);
  return status + words.replaceAll(/[\w-]+/g, (word) => (/\d/.test(word) && !ids.has(word) ? '#' : word));
};

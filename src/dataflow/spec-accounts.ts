// Which ad accounts a spec means: exactly one of two keys says so, whatever else the spec holds.
import type { SpecProblem } from './invalid-spec.js';

/** One ad account, or several: never both, never none. */
export const accountProblems = (input: unknown): SpecProblem[] => {
  const { connection, source } = (input ?? {}) as {
    connection?: { adAccountId?: unknown; adAccountIds?: unknown } | null;
    source?: { objects?: unknown } | null;
  };
  if (typeof connection !== 'object' || connection === null) return [];
  const { adAccountId, adAccountIds } = connection;
  if (adAccountIds === undefined) {
    if (adAccountId !== undefined) return [];
    const message =
      'is missing; name one ad account by a string of digits, or several with adAccountIds: a list, or "all"';
    return [{ path: 'connection.adAccountId', message }];
  }
  if (adAccountId !== undefined)
    return [
      {
        path: 'connection.adAccountIds',
        message:
          'stands beside adAccountId; keep adAccountId for one ad account, or adAccountIds for several',
      },
    ];
  const objects: unknown[] = Array.isArray(source?.objects) ? source.objects : [];
  return objects.flatMap((object, index) =>
    Array.isArray((object as { ids?: unknown } | null)?.ids)
      ? [
          {
            path: `source.objects[${index}].ids`,
            message:
              'names objects, and each belongs to one ad account; with adAccountIds use "all" or "names", or one dataflow an ad account',
          },
        ]
      : [],
  );
};

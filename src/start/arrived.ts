// What a reader of the simulated Experience Platform sees of a dataset, for the end of a run.
import type { ExperiencePlatformTarget } from '../dataflow/spec.js';
import { plural } from '../number-words.js';

/** Lines for a person: how many rows stand there, and one of them. */
export const arrivedIn = async (
  platformUrl: string,
  { sandbox, dataset }: ExperiencePlatformTarget,
): Promise<string[]> => {
  const path = [sandbox, dataset].map(encodeURIComponent).join('/');
  const response = await fetch(`${platformUrl}/simulator/lake/${path}?settle`);
  if (!response.ok) {
    await response.body?.cancel();
    return [
      `Arrived        nothing in ${sandbox}/${dataset}: the simulated Experience Platform keeps nothing between`,
      '               starts, and what was delivered before is not sent again',
    ];
  }
  let rows = 0;
  let rest = '';
  let first: string | undefined;
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    rows += lines.length;
    first ??= lines[0];
  }
  return [
    `Arrived        ${plural(rows, 'row')} in ${sandbox}/${dataset}, as a reader of the data lake sees it.`,
    ...(first === undefined ? [] : ['               One of them:', '', ...shown(first)]),
  ];
};

const shown = (line: string): string[] =>
  JSON.stringify(JSON.parse(line), null, 2)
    .split('\n')
    .slice(0, 16)
    .map((text) => `  ${text}`);

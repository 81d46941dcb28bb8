// `pinterest-ads forget`: cells that the next run reads again.
import { Command, Option } from 'commander';
import type { Cells } from '../../client.js';
import { LEVELS } from '../../dataflow/object-types.js';
import { answer, withJson, type JsonOption } from '../answer.js';
import { listOf, TEMPORAL_HELP, withClient } from '../with-client.js';

type Options = JsonOption &
  Pick<Cells, 'from' | 'to' | 'ids' | 'breakdown'> & { account?: string; type?: Cells['objectType'] };

const run = async (
  name: string,
  { json, account, type, breakdown, ids, from, to }: Options,
): Promise<void> => {
  const forgotten = await withClient((client) =>
    client.forget(name, {
      ...(account !== undefined && { adAccountId: account }),
      ...(type && { objectType: type }),
      ...(breakdown !== undefined && { breakdown }),
      ...(ids && { ids }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    }),
  );
  answer(json, forgotten, `${forgotten.cells} cells are stale; the next run of ${name} reads them again.`);
};

export const forgetCommand = (): Command =>
  withJson(new Command('forget'))
    .description('Makes cells stale, all or some: the next run reads them again; rows stay until then.')
    .argument('<name>', 'the dataflow')
    .option('--account <id>', 'only of this ad account')
    .addOption(new Option('--type <type>', 'only of this object type').choices(LEVELS))
    .option('--breakdown <type>', 'only numbers by this targeting type, e.g. AGE_BUCKET')
    .option('--ids <ids>', 'only of these objects, by commas', listOf)
    .option('--from <date>', 'only from this date on')
    .option('--to <date>', 'only up to this date')
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);

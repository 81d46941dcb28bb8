// A thread that maps rows: whoever started it can end it, whatever an expression does.
import { parentPort, workerData } from 'node:worker_threads';
import { Mapping, type MappedRow, type SourceRow } from '../../../dataflow/mapping.js';
import type { ThreadData } from './mapper.js';

const { mapping, place } = workerData as ThreadData;
const mapped = new Mapping(mapping);

parentPort!.on('message', (rows: SourceRow[]) => {
  void (async () => {
    const found: MappedRow[] = [];
    for (const [i, row] of rows.entries()) {
      place[0] = i;
      found.push(
        await mapped.row(row, (path) => {
          place[1] = path;
        }),
      );
    }
    // As text: a list of JSONata's carries what cannot be sent.
    parentPort!.postMessage(JSON.stringify(found));
  })();
});

// A dataflow's report → a file: the store read, the page made, the file put in place.
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { QuotaLimit } from './quota/limits.js';
import { makeFolder } from './store/folder.js';
import { folderOfStore, openStore, storeName } from './store/open-store.js';

/** Where a report is if nobody says where. */
export const reportFile = (storeUrl: string, dataflow: string): string =>
  join(folderOfStore(storeUrl), `${dataflow}-report.html`);

export interface WrittenReport {
  file: string;
  bytes: number;
}

/** No store, no such dataflow, or nowhere to write: what to do instead. */
export class NoReport extends Error {
  override readonly name = 'NoReport';
}

/**
 * @param file where to; its folder is made
 * @throws NoReport, or StoreUnavailable if the store is held or away
 */
export const writeReport = async (
  dataflow: string,
  { storeUrl, quota }: { storeUrl: string; quota: readonly QuotaLimit[] },
  file = reportFile(storeUrl, dataflow),
): Promise<WrittenReport> => {
  const store = openStore(storeUrl, { readOnly: true });
  const figures = await store.figures.of(dataflow);
  const where = storeName(storeUrl);
  if (!figures) {
    const names = await store.holdings.names();
    throw new NoReport(
      `There is no dataflow ${JSON.stringify(dataflow)} in the store ${where}: ` +
        (names.length > 0
          ? `it holds ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`
          : 'it holds none. Run one (npm start), or name another store in STORE_URL.'),
    );
  }
  // Loaded here: what draws charts is nothing that other programs need.
  const { renderReport } = await import('./report/report.js');
  const page = renderReport({ ...figures, dataflow, store: where, madeAtMs: Date.now(), quota });
  try {
    makeFolder(dirname(file));
    // In place at once: who looks at the last one never sees half of this.
    await writeFile(`${file}.part`, page);
    await rename(`${file}.part`, file);
  } catch (error) {
    throw new NoReport(
      `The report cannot be written to ${file}: ${(error as Error).message}. Name another file with --out.`,
    );
  }
  return { file, bytes: Buffer.byteLength(page) };
};

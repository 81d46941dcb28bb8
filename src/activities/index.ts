// Every activity, bound to its dependencies.
import type { Dependencies } from './dependencies.js';
import { followDeliveries } from './deliver/follow-deliveries.js';
import { planDeliveries } from './deliver/plan-deliveries.js';
import { prepareTarget } from './deliver/prepare-target.js';
import { sendPartition } from './deliver/send-partition.js';
import { describeDataflow, listDataflows } from './describe-dataflow.js';
import { dropDataflow } from './drop-dataflow.js';
import { dryRun } from './dry-run.js';
import { finishRun } from './finish-run.js';
import { forgetCells } from './forget-cells.js';
import { listAccounts } from './list-accounts.js';
import { loadChunk } from './load-chunk.js';
import { notify } from './notify.js';
import { planChunks } from './plan-chunks.js';
import { prepareRun } from './prepare-run.js';
import { checkConnection } from './questions/check-connection.js';
import { explore } from './questions/explore.js';
import { preview, previewReport } from './questions/preview.js';
import { claimRepair } from './reconcile/claim-repair.js';
import { compareAccount } from './reconcile/compare-account.js';
import { compareChunk, requestComparison } from './reconcile/compare-chunk.js';
import { keepReconciliation } from './reconcile/keep-reconciliation.js';
import { planReconciliation } from './reconcile/plan-reconciliation.js';
import { refreshCatalogue } from './refresh-catalogue.js';
import { requestReport } from './request-report.js';

export const createActivities = (dependencies: Dependencies) => ({
  prepareRun: prepareRun(dependencies),
  refreshCatalogue: refreshCatalogue(dependencies),
  planChunks: planChunks(dependencies),
  requestReport: requestReport(dependencies),
  loadChunk: loadChunk(dependencies),
  planDeliveries: planDeliveries(dependencies),
  prepareTarget: prepareTarget(dependencies),
  sendPartition: sendPartition(dependencies),
  followDeliveries: followDeliveries(dependencies),
  finishRun: finishRun(dependencies),
  listAccounts: listAccounts(dependencies),
  notify: notify(dependencies),
  dryRun: dryRun(dependencies),
  checkConnection: checkConnection(dependencies),
  explore: explore(dependencies),
  preview: preview(dependencies),
  previewReport: previewReport(dependencies),
  forgetCells: forgetCells(dependencies),
  describeDataflow: describeDataflow(dependencies),
  listDataflows: listDataflows(dependencies),
  dropDataflow: dropDataflow(dependencies),
  planReconciliation: planReconciliation(dependencies),
  requestComparison: requestComparison(dependencies),
  compareChunk: compareChunk(dependencies),
  compareAccount: compareAccount(dependencies),
  claimRepair: claimRepair(dependencies),
  keepReconciliation: keepReconciliation(dependencies),
});

export type Activities = ReturnType<typeof createActivities>;

// Is it right? What the store adds up to against Pinterest's own totals, narrowed down, and read again if that is asked for.
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { ComparedChunk, CompareInput } from '../activities/reconcile/compare-chunk.js';
import type { PlannedReconciliation } from '../activities/reconcile/plan-reconciliation.js';
import type { RequestedReport } from '../activities/request-report.js';
import { describeChunk, type Chunk } from '../dataflow/chunk.js';
import { ruleOf } from '../dataflow/failures.js';
import { noCalls } from '../dataflow/flow-run.js';
import { firstLookMs } from '../dataflow/report-looks.js';
import type { TotalsQuestion } from '../dataflow/reconcile/questions.js';
import { Findings, type Reconciliation } from '../dataflow/reconcile/reconciliation.js';
import { comparing, reconciling } from './activities.js';
import { ask } from './ask.js';
import type { Reconcile } from './contract.js';
import { asApplicationFailure, endOfRun, failureOf, isRefusal } from './failures.js';
import { repairNoted } from './repair.js';
import { newState, spend, type RunState } from './run-state.js';
import { pinned } from './versioning.js';
import { Waits, whileStoreIsLocked } from './waiting.js';

/** Reports of one question that may be lost before it is given up. */
const MOST_REPORTS = 2;

/** @param input `{ name, adAccountId?, from?, to?, columns?, repair? }` */
export async function reconcile(input: unknown): ReturnType<Reconcile> {
  const state = newState(workflowInfo().startTime.getTime());
  const waits = new Waits();
  try {
    const summary = 'check the input, plan the totals';
    const plan = await whileStoreIsLocked(waits, () =>
      reconciling().planReconciliation.executeWithOptions({ summary }, [{ input }]),
    );
    return await new Reconciling(plan, state, waits).execute();
  } catch (error) {
    throw asApplicationFailure(error);
  }
}

pinned(reconcile satisfies Reconcile);

class Reconciling {
  private readonly findings: Findings;

  constructor(
    private readonly plan: PlannedReconciliation,
    private readonly state: RunState,
    private readonly waits: Waits,
  ) {
    this.findings = new Findings(plan.compared.columns, plan.notCompared);
  }

  async execute(): Promise<Reconciliation> {
    const { findings, plan } = this;
    let result: Reconciliation | null = null;
    try {
      for (const question of plan.totals) await this.compareTotals(question);
      await this.compareAccount();
      const repaired =
        plan.repair && findings.differs && (await repairNoted(plan.compared, this.state, this.waits));
      const { account, window } = plan.compared;
      const apiCalls = this.state.totals.apiCalls.total;
      result = findings.result({ adAccountId: account.adAccountId, window, apiCalls }, repaired);
      return result;
    } finally {
      await CancellationScope.nonCancellable(() => this.keep(result));
    }
  }

  private async compareTotals({ chunk, alsoOf }: TotalsQuestion): Promise<void> {
    const { findings } = this;
    const totals = await this.ask(chunk, 'total', alsoOf);
    for (const { objectType, narrower, differences, ...sums } of totals?.types ?? []) {
      findings.addSums({ objectType, ...sums });
      let narrowed = true;
      for (const part of narrower) {
        const periods = await this.ask(part, 'period', []);
        if (!periods) narrowed = false;
        for (const type of periods?.types ?? []) findings.addDifferences(type.differences, type.more);
      }
      // What lies above was compared with sums of its parts, which need not be Pinterest's own totals.
      if (objectType === chunk.objectType || !narrowed) findings.addUnexplained(differences);
    }
  }

  private async compareAccount(): Promise<void> {
    const { compared, account } = this.plan;
    if (!account) return;
    const summary = `the ad account itself, ${account.from} – ${account.to}`;
    const answer = await this.asked(() => ask(comparing.compareAccount, summary, { compared, account }));
    if (typeof answer === 'string') this.notCompared(summary, answer);
    else this.findings.addAccount(compared.account.adAccountId, account, answer);
  }

  /** Compares one chunk; undefined if Pinterest does not give it, which is noted. */
  private async ask(
    chunk: Chunk,
    by: CompareInput['by'],
    alsoOf: CompareInput['alsoOf'],
  ): Promise<ComparedChunk | undefined> {
    const { compared, repair, reportPollMs } = this.plan;
    const what = `${describeChunk(chunk)} · by ${by}`;
    const input: CompareInput = { compared, chunk, by, alsoOf, note: repair && by === 'period' };
    for (let reports = 1; ; reports++) {
      let report: RequestedReport | undefined;
      if (chunk.method === 'report') {
        const asked = await this.asked(() => ask(comparing.requestComparison, what, input));
        if (typeof asked === 'string') return this.notCompared(what, asked);
        ({ report } = asked);
        const lookAtMs = Date.now() + firstLookMs([], reportPollMs);
        await this.waits.waitForReport(lookAtMs, `Pinterest makes the report: ${what}`);
      }
      const answer = await this.asked(() =>
        ask(comparing.compareChunk, what, { ...input, ...(report && { report }) }),
      );
      if (typeof answer !== 'string') {
        if (answer.rejectedRows > 0)
          this.notCompared(what, `${answer.rejectedRows} rows of the answer do not fit`);
        return answer;
      }
      if (!report || reports === MOST_REPORTS) return this.notCompared(what, answer);
    }
  }

  private notCompared(what: string, why: string): undefined {
    this.findings.notCompared.push({ column: '*', why: `${what}: ${why}` });
  }

  /** An answer, waiting for the quota and the store; or why there is none. */
  private async asked<Answer extends { apiCalls: number }>(
    ask: () => Promise<Answer>,
  ): Promise<Answer | string> {
    for (;;) {
      try {
        const answer = await whileStoreIsLocked(this.waits, ask);
        spend(this.state, { ...noCalls(), total: answer.apiCalls });
        return answer;
      } catch (error) {
        const failure = failureOf(error);
        spend(this.state, failure.apiCalls);
        const { fault } = ruleOf(failure.kind);
        if (isRefusal(failure)) await this.waits.waitAsTold(failure);
        else if (fault === 'run' || fault === 'credential' || failure.unreachable) throw endOfRun(failure);
        else return failure.message;
      }
    }
  }

  /** Keeps what was found, and gives back a claim. */
  private keep(result: Reconciliation | null): Promise<void> {
    const { compared } = this.plan;
    const { startedAtMs } = this.state;
    const runId = workflowInfo().firstExecutionRunId;
    const summary = result ? `findings: ${result.status}` : 'give the claim back';
    return whileStoreIsLocked(this.waits, () =>
      reconciling().keepReconciliation.executeWithOptions({ summary }, [
        { compared, runId, startedAtMs, result },
      ]),
    );
  }
}

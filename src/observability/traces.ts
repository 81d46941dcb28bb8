// Traces of runs for an OpenTelemetry collector, by OTLP over HTTP: where to, how often and how many, OTEL_… variables say.
// Imported only if traces are asked for: it loads a lot of code.
import { join } from 'node:path';
import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
  type OpenTelemetrySinks,
} from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory, InjectedSinks, WorkflowBundlePath } from '@temporalio/worker';

export interface Traces {
  /** Of a client: what it starts. */
  client: WorkflowClientInterceptor;
  /** Of a worker: what its activities do. Around those interceptors that change an error. */
  activity: ActivityInterceptorsFactory;
  /** Of a worker: its workflows, with what makes their spans. */
  workflowBundle: WorkflowBundlePath;
  /** Of a worker: where its workflows leave their spans. */
  sinks: InjectedSinks<OpenTelemetrySinks>;
  /** Sends what is not sent yet. */
  stop(): Promise<void>;
}

const SERVICE = new Resource({ 'service.name': 'pinterest-ads-dataflows' });

/** What a workflow is found by, as Temporal's interceptor puts all that is known of it into its spans: it names ad accounts. */
const LABELS = ['searchAttributes', 'typedSearchAttributes', 'memo'];

/** Without queries: whoever watches a run asks it twice a second, and each question would be a trace. */
class SpansOfWork extends BatchSpanProcessor {
  override onEnd(span: ReadableSpan): void {
    if (/^(QueryWorkflow|HandleQuery):/.test(span.name)) return;
    for (const label of LABELS) delete span.attributes[label];
    super.onEnd(span);
  }
}

/** @param warn told when traces cannot be sent */
export const startTraces = (warn: (message: string) => void): Traces => {
  const logger: DiagLogger = { error: warn, warn, info: () => {}, debug: () => {}, verbose: () => {} };
  diag.setLogger(logger, DiagLogLevel.WARN);
  const resource = Resource.default()
    .merge(SERVICE)
    .merge(detectResourcesSync({ detectors: [envDetectorSync] }));
  const processor = new SpansOfWork(new OTLPTraceExporter());
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  // Without the context manager, what an activity asks of Temporal would stand apart from it.
  provider.register({ contextManager: new AsyncLocalStorageContextManager() });
  return {
    client: new OpenTelemetryWorkflowClientInterceptor(),
    activity: (context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context) }),
    workflowBundle: { codePath: join(import.meta.dirname, '../../workflow-bundle-traced.js') },
    sinks: { exporter: makeWorkflowExporter(processor, resource) },
    stop: () => provider.shutdown(),
  };
};

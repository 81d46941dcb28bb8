// A collector of OpenTelemetry traces: takes OTLP over HTTP, keeps every span.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { parse, type Message } from 'protobufjs';

/** What is read here of opentelemetry/proto/collector/trace/v1/trace_service.proto. */
const { root } = parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resourceSpans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopeSpans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span { bytes traceId = 1; bytes spanId = 2; bytes parentSpanId = 4; string name = 5; repeated KeyValue attributes = 9; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { string stringValue = 1; }
`);
const REQUEST = root.lookupType('Request');

interface KeyValue {
  key: string;
  value: { stringValue?: string };
}
interface Request {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { spans: { traceId: string; spanId: string; parentSpanId: string; name: string }[] }[];
  }[];
}

export interface Span {
  service: string | undefined;
  traceId: string;
  spanId: string;
  /** Empty for the root of a tree. */
  parentSpanId: string;
  name: string;
}

export interface Collector {
  url: string;
  spans: Span[];
  /** Every body, as it came. */
  bodies: Buffer[];
  close(): Promise<void>;
}

const spansIn = (body: Buffer): Span[] => {
  const message: Message = REQUEST.decode(body);
  const { resourceSpans } = REQUEST.toObject(message, { bytes: String, arrays: true }) as Request;
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const named = resource.attributes.find(({ key }) => key === 'service.name');
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId, name }) => ({
        service: named?.value.stringValue,
        traceId,
        spanId,
        parentSpanId: parentSpanId ?? '',
        name,
      })),
    );
  });
};

export const startCollector = async (): Promise<Collector> => {
  const bodies: Buffer[] = [];
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      bodies.push(body);
      if (request.method === 'POST' && request.url === '/v1/traces') spans.push(...spansIn(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

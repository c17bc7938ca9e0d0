import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const gateway = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';
const PORT = 14318;

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly events: readonly { readonly name: string }[];
}

interface TraceRequest {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

/** A collector: whatever comes is kept. */
const spans: Span[] = [];
const collector = createServer(async (incoming, outgoing) => {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  const { resourceSpans } = JSON.parse(text) as TraceRequest;
  spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
  outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}).listen(PORT, '127.0.0.1');

// The app is in a trace of its own, as an instrumented HTTP client would say.
const [traceId, appSpan] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
const reply = await fetch(`${gateway}/v1/chat/completions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${appSpan}-01` },
  body: JSON.stringify({
    model: 'chat',
    messages: [{ role: 'user', content: 'Write to ada@example.com' }],
    stream: true,
  }),
});
await reply.text();

const attribute = ({ attributes }: Span, key: string): string => {
  const found = attributes.find((each) => each.key === key);
  return found === undefined ? '' : String(Object.values(found.value)[0]);
};

for (let waited = 0; spans.length < 3 && waited < 100; waited++) await new Promise((done) => setTimeout(done, 100));
const server = spans.find(({ parentSpanId }) => parentSpanId === appSpan);
const attempts = spans.filter(({ parentSpanId }) => parentSpanId === server?.spanId);
console.log(`${server?.name}: ${server?.events.map(({ name }) => name).join(', ')}`);
for (const attempt of attempts)
  console.log(`  ${attempt.name}: ${attribute(attempt, 'sluice.attempt')}, ${attribute(attempt, 'sluice.result')}`);

const isGood =
  reply.headers.get('x-sluice-trace-id') === traceId &&
  spans.every((span) => span.traceId === traceId) &&
  attempts.at(-1)?.name === 'chat fast-v1' &&
  !JSON.stringify(spans).includes('ada@example.com');
console.log(isGood ? 'ok: one trace from the app to the fallback that served it' : 'failed');
process.exitCode = isGood ? 0 : 1;
collector.close();
collector.closeAllConnections();

/**
 * Measures the latency of single calls in microseconds, which autocannon does not. Argument: RequestClientOptions as
 * JSON; prints a LatencyResult.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { createHistogram } from 'node:perf_hooks';
import { type Micros, monotonicMicros } from './clock.ts';
import { STAMP_MARK } from './payload.ts';

export interface RequestClientOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly seconds: number;
  /** Not measured, at the start. */
  readonly warmUpSeconds: number;
  /** Calls a second, whether earlier ones are answered or not; null sends one after the other on one connection. */
  readonly rate: number | null;
  /** Measure up to the first token of a stream instead of the end of the reply. */
  readonly untilFirstToken: boolean;
}

export interface LatencyResult {
  readonly requests: number;
  readonly errors: number;
  /** What the first of them was. */
  readonly firstError: string | null;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

const MAX_CONNECTIONS = 256;

const options = JSON.parse(process.argv[2]!) as RequestClientOptions;
const agent = new Agent({ keepAlive: true, maxSockets: options.rate === null ? 1 : MAX_CONNECTIONS });
const headers = { ...options.headers, 'content-length': String(Buffer.byteLength(options.body)) };
const histogram = createHistogram();
const measureFrom = monotonicMicros() + options.warmUpSeconds * 1e6;
const endAt = measureFrom + options.seconds * 1e6;
let errors = 0;
let firstError: string | null = null;

await (options.rate === null ? sendInTurn() : sendOnSchedule(options.rate));
agent.destroy();
const result: LatencyResult = {
  requests: histogram.count,
  errors,
  firstError,
  p50Micros: histogram.percentile(50),
  p99Micros: histogram.percentile(99),
};
console.log(JSON.stringify(result));

async function sendInTurn(): Promise<void> {
  while (monotonicMicros() < endAt) await measure(monotonicMicros());
}

/**
 * A call's time counts from the moment at which it was due, not from when it could be sent: otherwise one stall of the
 * server would hide the calls that waited behind it ("coordinated omission").
 */
function sendOnSchedule(rate: number): Promise<void> {
  const startedAt = monotonicMicros();
  const pending: Promise<void>[] = [];
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      for (;;) {
        const dueAt = startedAt + (pending.length / rate) * 1e6;
        if (dueAt >= endAt) {
          clearInterval(timer);
          resolve(Promise.all(pending).then(() => undefined));
          return;
        }
        if (dueAt > monotonicMicros()) return;
        pending.push(measure(dueAt));
      }
    }, 1);
  });
}

async function measure(startedAt: Micros): Promise<void> {
  try {
    const doneAt = await send();
    if (startedAt >= measureFrom) histogram.record(Math.max(1, Math.round(doneAt - startedAt)));
  } catch (error) {
    errors++;
    firstError ??= String(error);
  }
}

function send(): Promise<Micros> {
  return new Promise((resolve, reject) => {
    const call = request(options.url, { method: 'POST', agent, headers }, (reply) => {
      receive(reply).then(resolve, reject);
    });
    call.on('error', reject);
    call.end(options.body);
  });
}

/** When the end, or the first token, came. */
async function receive(reply: IncomingMessage): Promise<Micros> {
  let firstTokenAt: Micros | null = null;
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    if (options.untilFirstToken && firstTokenAt === null && chunk.includes(STAMP_MARK))
      firstTokenAt = monotonicMicros();
  }
  if (reply.statusCode !== 200) throw new Error(`status ${reply.statusCode}`);
  if (!options.untilFirstToken) return monotonicMicros();
  if (firstTokenAt === null) throw new Error('no token in the stream');
  return firstTokenAt;
}

import type { Measure } from './sample.ts';
import type { SdkMethod } from './methods.ts';
import type { RecordingUpstream } from './recording-upstream.ts';

/** A client of an SDK whose requests go one way, and the provider at the end of it. */
export interface Way {
  readonly client: object;
  readonly upstream: RecordingUpstream;
  /** What came over the wire to the client of this way; emptied before each call. */
  readonly replies: WireReply[];
}

export interface WireReply {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** One character a byte. */
  readonly body: string;
}

/** For the `fetch` of an SDK: what comes is kept as it came. */
export function listening(replies: WireReply[]): typeof fetch {
  return async (url, init) => {
    const reply = await fetch(url, init);
    const bytes = Buffer.from(await reply.clone().arrayBuffer());
    replies.push({ status: reply.status, headers: [...reply.headers], body: bytes.toString('latin1') });
    return reply;
  };
}

export interface Trial {
  readonly method: SdkMethod;
  readonly measure: Measure;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What differs between the two ways of a call; null: nothing. */
export async function difference(trial: Trial, direct: Way, through: Way): Promise<string | null> {
  const [plain, proxied] = await Promise.all([attempt(trial, direct), attempt(trial, through)]);
  for (const part of ['requests', 'replies', 'outcome'] as const) {
    const [one, other] = [plain[part], proxied[part]].map((each) => JSON.stringify(each, null, 1));
    if (one !== other) {
      const at = `${trial.method.name} ${JSON.stringify(trial.measure)}: ${part}`;
      return `${at}\n${firstDifference(one!, other!)}\n  outcome: ${JSON.stringify(proxied.outcome)?.slice(0, 300)}`;
    }
  }
  if (plain.requests.length === 0) return `${trial.method.name}: no request was sent (${JSON.stringify(plain.outcome)})`;
  return null;
}

function firstDifference(one: string, other: string): string {
  let at = 0;
  while (one[at] === other[at]) at++;
  const from = Math.max(0, at - 120);
  return `  direct:  ${one.slice(from, at + 200)}\n  gateway: ${other.slice(from, at + 200)}`;
}

interface Attempt {
  readonly requests: unknown;
  readonly replies: unknown;
  readonly outcome: unknown;
}

async function attempt({ method, measure, options }: Trial, { client, upstream, replies }: Way): Promise<Attempt & { requests: readonly unknown[] }> {
  upstream.follow({ answers: method.answers, reply: method.reply(measure) });
  replies.length = 0;
  const outcome = await outcomeOf(method, client, [...method.arguments(measure), options]);
  return { requests: upstream.recorded, replies: replies.map(comparable), outcome };
}

/** Without what the gateway adds, and what belongs to the connection. */
function comparable({ status, headers, body }: WireReply): unknown {
  const own = /^(?:x-sluice-.*|server-timing|connection|keep-alive|transfer-encoding|content-length|date)$/;
  return { status, headers: headers.filter(([name]) => !own.test(name)), body };
}

async function outcomeOf({ name, answers }: SdkMethod, client: object, values: readonly unknown[]): Promise<unknown> {
  const path = name.split('.');
  const resource = path.slice(0, -1).reduce((at, each) => at[each as never], client);
  try {
    const called: unknown = (resource[path.at(-1) as never] as (...all: unknown[]) => unknown).apply(resource, [...values]);
    if (answers === 'page') return await allOf(called as AsyncIterable<unknown>);
    const came = await (called as Promise<unknown>);
    if (answers === 'stream' || answers === 'lines') return await allOf(came as AsyncIterable<unknown>);
    return answers === 'bytes' ? Buffer.from(await (came as Response).arrayBuffer()).toString('latin1') : came;
  } catch (error) {
    const { constructor, status, message, error: told, requestID } = error as Error & Readonly<Record<string, unknown>>;
    return { kind: constructor.name, status, message, told, requestID };
  }
}

async function allOf(source: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const each of source) all.push(each);
  return all;
}

import type { Answer, RecordingUpstream } from './recording-upstream.ts';

/** A client of an SDK whose requests go one way, and the provider at the end of it. */
export interface Way {
  readonly client: object;
  readonly upstream: RecordingUpstream;
  /** What came over the wire to this client. */
  readonly replies: WireReply[];
}

/** The same client, straight to a provider and through a gateway before another one. */
export interface BothWays<Client extends object> {
  readonly direct: Way & { readonly client: Client };
  readonly through: Way & { readonly client: Client };
}

interface WireReply {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** One character a byte. */
  readonly body: string;
}

/** For the `fetch` of an SDK: keeps what comes as it came, whatever the SDK makes of it. */
export function listening(replies: WireReply[]): typeof fetch {
  return async (url, init) => {
    const reply = await fetch(url, init);
    const bytes = Buffer.from(await reply.clone().arrayBuffer());
    replies.push({
      status: reply.status,
      headers: [...reply.headers].filter(isOfProvider),
      body: bytes.toString('latin1'),
    });
    return reply;
  };
}

/** Neither of the connection nor the gateway's own. */
function isOfProvider([name]: readonly [string, string]): boolean {
  return !/^(?:x-sluice-.*|server-timing|connection|keep-alive|transfer-encoding|date)$/.test(name);
}

export interface Compared {
  /** What differs first; null: nothing. */
  readonly difference: string | null;
  /** Requests of the direct way. */
  readonly requests: number;
  /** Of the way through the gateway. */
  readonly outcome: unknown;
}

/** Makes the same call both ways and compares the requests that providers saw, the replies, and what the SDK made of them. */
export async function compare<Client extends object>(
  { direct, through }: BothWays<Client>,
  answer: Answer,
  call: (client: Client) => Promise<unknown>,
): Promise<Compared> {
  const [plain, proxied] = await Promise.all([attempt(direct, answer, call), attempt(through, answer, call)]);
  const { outcome } = proxied;
  for (const part of ['requests', 'replies', 'outcome'] as const) {
    const [one, other] = [JSON.stringify(plain[part], null, 1), JSON.stringify(proxied[part], null, 1)];
    if (one === other) continue;
    const told = JSON.stringify(outcome)?.slice(0, 300);
    return { difference: `${part}\n${firstDifference(one, other)}\n  outcome: ${told}`, requests: 0, outcome };
  }
  return { difference: null, requests: plain.requests.length, outcome };
}

async function attempt<Client extends object>(
  { client, upstream, replies }: BothWays<Client>['direct'],
  answer: Answer,
  call: (client: Client) => Promise<unknown>,
) {
  upstream.follow(answer);
  replies.length = 0;
  const outcome = await call(client).catch(describe);
  return { requests: upstream.recorded, replies: [...replies], outcome };
}

/** An SDK's error, as far as apps look at it. */
export function describe(error: unknown): unknown {
  const { constructor, status, message, error: told, requestID } = error as Error & Readonly<Record<string, unknown>>;
  return { kind: constructor.name, status, message, told, requestID };
}

function firstDifference(one: string, other: string): string {
  let at = 0;
  while (one[at] === other[at]) at++;
  const from = Math.max(0, at - 120);
  return `  direct:  ${one.slice(from, at + 200)}\n  gateway: ${other.slice(from, at + 200)}`;
}

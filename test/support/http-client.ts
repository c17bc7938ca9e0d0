import { Agent, request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

export interface HttpCall {
  readonly method?: string;
  /** Names and values in turn, sent in this order and spelling; or a plain map. */
  readonly headers?: readonly string[] | Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
  readonly agent?: Agent;
}

export interface HttpReply {
  readonly status: number;
  readonly statusText: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly text: string;
  /** False where the connection ended before the reply's framing did. */
  readonly isComplete: boolean;
  json(): never;
}

/** One exchange whose headers are the test's own on the way out and untouched on the way in. */
export async function exchange(url: string, call: HttpCall = {}): Promise<HttpReply> {
  const incoming = await openExchange(url, call);
  const body = await readWhatComes(incoming);
  const text = body.toString('utf8');
  return {
    status: incoming.statusCode!,
    statusText: incoming.statusMessage!,
    rawHeaders: incoming.rawHeaders,
    headers: incoming.headers,
    body,
    text,
    isComplete: incoming.complete,
    json: () => JSON.parse(text) as never,
  };
}

/** The same up to the reply's headers. Destroying the reply is the client's abort. */
export function openExchange(
  url: string,
  { method = 'POST', headers = {}, body, agent }: HttpCall = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent: agent ?? false, ...splitUrl(url) }, resolve).on('error', reject);
    const pairs = Array.isArray(headers) ? (headers as readonly string[]) : Object.entries(headers).flat();
    for (let i = 0; i < pairs.length; i += 2) outgoing.appendHeader(pairs[i]!, pairs[i + 1]!);
    if (body instanceof Readable) body.pipe(outgoing);
    else outgoing.end(body);
  });
}

/** The path exactly as written: the URL standard would tidy it. */
function splitUrl(url: string): { path: string } {
  return { path: url.slice(url.indexOf('/', 'http://'.length)) };
}

async function readWhatComes(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    // Cut off: what came before is what the test looks at.
  }
  return Buffer.concat(chunks);
}

/** Connections that are used again, closed when the test is over. */
export function keepAliveAgent(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
}

export function postJson(
  url: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpReply> {
  return exchange(url, { body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } });
}

/** `name: value` lines as names and values in turn. */
export function headerPairs(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
}

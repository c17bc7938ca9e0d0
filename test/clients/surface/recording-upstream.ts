import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { readAll } from '../../support/fake-upstream.ts';
import type { Answers } from './methods.ts';

/** What a provider is to answer, until it is told otherwise. */
export interface Script {
  readonly answers: Answers;
  readonly reply: unknown;
}

/** A request as it came, without what belongs to one connection or one account. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  /** One character a byte. */
  readonly body: string;
}

export interface RecordingUpstream {
  /** Without a path. */
  readonly url: string;
  /** Answers by this from now on, and forgets what it has recorded. */
  follow(script: Script): void;
  readonly recorded: readonly Recorded[];
}

export const UNKNOWN_PATH = '/_stainless_unknown_path';

/** Ends like a provider's: what a gateway must not touch although nobody knows it. */
const HEADERS = {
  'x-request-id': 'req_01',
  'request-id': 'req_01',
  'openai-processing-ms': '12',
  'openai-version': '2020-10-01',
  'x-ratelimit-remaining-requests': '7',
  'anthropic-ratelimit-requests-remaining': '7',
  'x-of-tomorrow': 'a, b;c="d"',
  'strict-transport-security': 'max-age=1',
  'cf-ray': '1-FRA',
};

/** A provider that writes down what it is asked and answers as it was told; a list has two pages. */
export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  let script: Script = { answers: 'nothing', reply: null };
  let recorded: Recorded[] = [];
  const server = createServer((incoming, outgoing) => {
    void readAll(incoming).then((body) => {
      const isFirst = recorded.push(record(incoming, body)) === 1;
      if (incoming.url!.includes(UNKNOWN_PATH)) answerUnknown(outgoing);
      else answer(outgoing, script, isFirst);
    });
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    follow: (next) => {
      script = next;
      recorded = [];
    },
    get recorded() {
      return recorded;
    },
  };
}

function answerUnknown(outgoing: ServerResponse): void {
  const error = { message: 'Route not found', type: 'invalid_request_error', param: null, code: null };
  outgoing.writeHead(404, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify({ error }));
}

function answer(outgoing: ServerResponse, { answers, reply }: Script, isFirst: boolean): void {
  const send = (contentType: string, body: string | Uint8Array): void => {
    outgoing.writeHead(200, { ...HEADERS, 'content-type': contentType }).end(body);
  };
  if (answers === 'nothing') outgoing.writeHead(204, HEADERS).end();
  else if (answers === 'bytes') send('application/octet-stream', Uint8Array.from({ length: 900 }, (_, at) => at % 256));
  else if (answers === 'stream') send('text/event-stream', streamText(reply as readonly object[]));
  else if (answers === 'lines') send('application/x-jsonl', (reply as readonly unknown[]).map((each) => `${JSON.stringify(each)}\n`).join(''));
  else send('application/json', pretty(isFirst || answers !== 'page' ? reply : emptied(reply)));
}

/** Not as anybody would write it anew. */
function pretty(value: unknown): string {
  return ` ${JSON.stringify(value, null, 1).replaceAll('ë', '\\u00eb')}\r\n`;
}

/** Streams whose events have no names end with one that is no JSON. */
function streamText(events: readonly object[]): string {
  const isNameless = events.every((each) => !('type' in each) && !('event' in each));
  return events.map(eventText).join('') + (isNameless ? 'data: [DONE]\n\n' : '');
}

/** An event of whatever protocol: it names itself, if it has a name. */
function eventText(value: unknown): string {
  const { type, event, data } = value as Readonly<Record<string, unknown>>;
  if (typeof event === 'string' && data !== undefined) return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  const name = typeof type === 'string' ? `event: ${type}\n` : '';
  return `${name}data: ${JSON.stringify(value)}   \n\n`;
}

/** The last page: with no more of anything. */
function emptied(page: unknown): unknown {
  const entries = Object.entries(page as object).map(([name, value]): [string, unknown] => {
    if (Array.isArray(value)) return [name, []];
    return [name, typeof value === 'boolean' ? false : null];
  });
  return Object.fromEntries(entries);
}

/** Headers that belong to the connection, to the account, or that the gateway sets for every request. */
const APART = new Set([
  'host',
  'connection',
  'transfer-encoding',
  'keep-alive',
  'authorization',
  'x-api-key',
  'accept-encoding',
]);
/** As undici makes them up. */
const BOUNDARY = /----formdata-undici-\d+/g;

function record({ method = '', url = '', rawHeaders }: IncomingMessage, body: Buffer): Recorded {
  const headers: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (!APART.has(name)) headers.push(`${name}: ${rawHeaders[i + 1]!.replace(BOUNDARY, 'BOUNDARY')}`);
  }
  return { method, url, headers: headers.toSorted(), body: body.toString('latin1').replace(BOUNDARY, 'BOUNDARY') };
}

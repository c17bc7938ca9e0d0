import type { ServerResponse } from 'node:http';
import type { Answers } from './methods.ts';
import type { Answer } from './recording-upstream.ts';

/** That no vendor has; the SDKs' own tests ask for it. */
export const UNKNOWN_PATH = '/_stainless_unknown_path';

/** What a gateway must not touch, whether or not anybody knows it. */
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

/** As a provider answers a method; a list has two pages. */
export function answering(answers: Answers, reply: unknown): Answer {
  return (outgoing, index, { url }) => {
    if (url.includes(UNKNOWN_PATH)) answerUnknown(outgoing);
    else if (answers === 'nothing') outgoing.writeHead(204, HEADERS).end();
    else if (answers === 'bytes') send(outgoing, 'application/octet-stream', BYTES);
    else if (answers === 'stream') sendEvents(outgoing, reply as readonly object[]);
    else if (answers === 'lines') send(outgoing, 'application/x-jsonl', linesOf(reply as readonly unknown[]));
    else send(outgoing, 'application/json', pretty(answers === 'page' && index > 0 ? emptied(reply) : reply));
  };
}

/** No text of any encoding. */
const BYTES = Uint8Array.from({ length: 900 }, (_, at) => at % 256);

function send(outgoing: ServerResponse, contentType: string, body: string | Uint8Array, status = 200): void {
  const head = { ...HEADERS, 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
  outgoing.writeHead(status, head).end(body);
}

export function sendJson(outgoing: ServerResponse, value: unknown): void {
  send(outgoing, 'application/json', pretty(value));
}

/** Streams whose events have no names end with one that is no JSON. */
export function sendEvents(outgoing: ServerResponse, events: readonly object[]): void {
  const isNameless = events.every((each) => !('type' in each) && !('event' in each));
  const text = events.map(eventText).join('') + (isNameless ? 'data: [DONE]\n\n' : '');
  outgoing.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' }).end(text);
}

function answerUnknown(outgoing: ServerResponse): void {
  const error = { message: 'Route not found', type: 'invalid_request_error', param: null, code: null };
  send(outgoing, 'application/json', JSON.stringify({ error }), 404);
}

function linesOf(values: readonly unknown[]): string {
  return values.map((each) => `${JSON.stringify(each)}\n`).join('');
}

/** Not as anybody would write it anew. */
function pretty(value: unknown): string {
  return ` ${JSON.stringify(value, null, 1).replaceAll('ë', '\\u00eb')}\r\n`;
}

/** An event of whatever protocol: it names itself, if it has a name. */
function eventText(value: object): string {
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

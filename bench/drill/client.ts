import { Agent, request, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Milliseconds } from '../../src/core/units.ts';

export interface Question {
  /** Without a path. */
  readonly url: string;
  readonly model: string;
  readonly key?: string;
  readonly user?: string;
  readonly isStreamed?: boolean;
  readonly maxTokens?: number;
  /** Left out: a connection of its own. */
  readonly agent?: Agent;
  /** Called once the reply's first byte is there. */
  readonly began?: () => void;
}

export interface Answer {
  /** 0: the connection failed before a reply. */
  readonly status: number;
  /** Of the gateway; null: it sent none. */
  readonly requestId: string | null;
  /** That answered. */
  readonly model: string | null;
  readonly text: string;
  /** The reply came to its own end: a stream to its `[DONE]`. */
  readonly isWhole: boolean;
  /** Why it is not. */
  readonly error: string | null;
  readonly sentAt: Milliseconds;
  readonly endedAt: Milliseconds;
}

/** Connections that are used again, as the vendors' SDKs do it. */
export function keepAlive(connections = 1): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

/** One request as an SDK of OpenAI's sends it, without its retries. Never throws. */
export function ask(question: Question): Promise<Answer> {
  const { url, model, key, user, isStreamed = false, maxTokens = 30, agent, began } = question;
  const sentAt = performance.now();
  const body = {
    model,
    max_tokens: maxTokens,
    ...(isStreamed ? { stream: true } : {}),
    ...(user === undefined ? {} : { user }),
    messages: [{ role: 'user', content: 'Where is the river?' }],
  };
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  return new Promise((resolve) => {
    const failed = (error: Error): void =>
      resolve({ status: 0, requestId: null, model: null, text: '', ...brokenOff(error.message, sentAt) });
    const outgoing = request(`${url}/v1/chat/completions`, { method: 'POST', headers, agent: agent ?? false });
    outgoing.on('error', failed).on('response', (reply) => {
      began?.();
      void read(reply, isStreamed, sentAt).then(resolve);
    });
    outgoing.end(JSON.stringify(body));
  });
}

async function read(reply: IncomingMessage, isStreamed: boolean, sentAt: Milliseconds): Promise<Answer> {
  let text = '';
  let error: string | null = null;
  try {
    for await (const part of reply.setEncoding('utf8')) text += part as string;
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  const status = reply.statusCode ?? 0;
  const isWhole = error === null && reply.complete && (!isStreamed || status !== 200 || text.endsWith(LAST_EVENT));
  if (!isWhole) error ??= 'the stream ended without [DONE]';
  const { 'x-sluice-request-id': id, 'x-sluice-model': model } = reply.headers;
  const told = { requestId: asText(id), model: asText(model) };
  return { status, ...told, text, isWhole, error, sentAt, endedAt: performance.now() };
}

const LAST_EVENT = 'data: [DONE]\n\n';

function asText(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}

function brokenOff(error: string, sentAt: Milliseconds): Pick<Answer, 'isWhole' | 'error' | 'sentAt' | 'endedAt'> {
  return { isWhole: false, error, sentAt, endedAt: performance.now() };
}

/** Why requests failed, and how many of each. */
export function failures(answers: readonly Answer[]): readonly Answer[] {
  return answers.filter(({ status, isWhole }) => status !== 200 || !isWhole);
}

export function tellFailures(answers: readonly Answer[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { status, error, text } of failures(answers)) {
    const why = error ?? `${status} ${text.slice(0, 200)}`;
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  return [...counts].map(([why, count]) => `${count} x ${why}`);
}

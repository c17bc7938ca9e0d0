import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { OwnKeys } from '../../src/core/own-keys.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import type { Operation } from '../../src/core/operation.ts';
import type { RedactionAction } from '../../src/core/redaction.ts';
import type { IncomingReply, ReplyFailure } from '../../src/ingress/reply.ts';
import { respond } from '../../src/ingress/respond.ts';
import { exchange as call, type HttpReply } from '../support/http-client.ts';
import { RawConnection, rawRequest } from '../support/raw-connection.ts';
import { FakeRedactor, newExchange, serve } from './support.ts';

class Failure extends Error implements ReplyFailure {
  readonly kind: string;

  constructor(kind: string) {
    super('sk-secret in an error text');
    this.kind = kind;
  }

  toGatewayError(provider: string): GatewayError {
    return new GatewayError('upstream_timeout', `${provider} is late (${this.kind}).`);
  }
}

type Sink = Parameters<IncomingReply['pipeTo']>[0];

/** A provider's reply that the test plays; stopping it fails its sink at once, as a connection does. */
class FakeReply implements IncomingReply {
  readonly status: number;
  statusText = 'OK';
  readonly rawHeaders: readonly Buffer[];
  hasWaiting = true;
  readonly stops: string[] = [];
  paused = 0;
  resumed = 0;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly play: (sink: Sink, reply: FakeReply) => void;
  private sink: Sink | null = null;

  constructor(status: number, headers: Readonly<Record<string, string>>, play: (sink: Sink, reply: FakeReply) => void) {
    this.status = status;
    this.headers = headers;
    this.play = play;
    this.rawHeaders = Object.entries(headers)
      .flat()
      .map((text) => Buffer.from(text, 'latin1'));
  }

  header(name: string): string | undefined {
    return this.headers[name];
  }

  pipeTo(sink: Sink): void {
    this.sink = sink;
    this.play(sink, this);
  }

  pause(): void {
    this.paused++;
  }

  resume(): void {
    this.resumed++;
  }

  stop(kind: 'malformed_reply'): void {
    if (this.stops.push(kind) === 1) this.sink?.fail(new Failure(kind));
  }
}

/** Sends these chunks, then ends or fails with the kind. */
const plays =
  (chunks: readonly (string | Buffer)[], ending: string = 'end') =>
  (sink: Sink): void => {
    for (const chunk of chunks) sink.data(Buffer.from(chunk));
    if (ending === 'end') sink.end();
    else sink.fail(new Failure(ending));
  };

interface Options {
  readonly operation?: Operation;
  readonly action?: RedactionAction;
  readonly kept?: Buffer;
}

interface Outcome {
  readonly reply: HttpReply;
  readonly exchange: Exchange;
  readonly cuts: number;
}

/** What a client gets of a provider's reply; where the stage throws before the first byte, status 599 and the code. */
async function answered(
  upstream: IncomingReply,
  { operation = 'chat', action = 'allow', kept }: Options = {},
): Promise<Outcome> {
  const exchange = newExchange(operation);
  exchange.provider = 'sim';
  let cuts = 0;
  const context = {
    redactor: new FakeRedactor(action),
    clock: { now: () => 0, wall: () => 0 },
    judge: null,
    editor: null,
    ownKeys: OwnKeys.NONE,
    stallTimeout: 60_000,
    onCut: () => void cuts++,
    onWhole: () => {},
    maxEventBytes: 1024 * 1024,
  };
  const port = await serve((_incoming, outgoing) => {
    respond(outgoing, exchange, upstream, kept ?? null, context).catch((error: unknown) => {
      outgoing.writeHead(599).end(error instanceof GatewayError ? error.code : String(error));
    });
  });
  const reply = await call(`http://127.0.0.1:${port}/`, { body: '{}' });
  return { reply, exchange, cuts };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const SSE = { 'content-type': 'text/event-stream' };
const CHAT =
  '{"choices":[{"message":{"content":"a secret"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}';
const FIRST = 'data: {"choices":[{"delta":{"content":"a secret"}}]}\n\n';
const LAST = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

afterEach(() => void vi.useRealTimers());

describe('a buffered reply', () => {
  it('passes byte for byte, with its status and what it cost', async () => {
    const headers = { ...JSON_TYPE, 'content-length': String(CHAT.length), 'x-request-id': 'r9', 'set-cookie': 'a=b' };
    const { reply, exchange } = await answered(new FakeReply(200, headers, plays([CHAT.slice(0, 9), CHAT.slice(9)])));
    expect([reply.status, reply.text, reply.headers['x-request-id'], reply.headers['set-cookie']]).toEqual([
      200,
      CHAT,
      'r9',
      undefined,
    ]);
    expect(reply.headers['server-timing']).toMatch(/^sluice;dur=[\d.]+, upstream;dur=[\d.]+$/);
    expect(exchange).toMatchObject({
      outcome: 'success',
      status: 200,
      finishReason: 'stop',
      usage: { inputTokens: 3, outputTokens: 2 },
    });
  });

  it('that is redacted has headers that fit', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip', 'content-length': '9', etag: '"x"' };
    const { reply } = await answered(new FakeReply(200, headers, plays([gzipSync(CHAT)])), { action: 'mask' });
    expect(reply.text).toBe(CHAT.replace('secret', '******'));
    expect([reply.headers['content-encoding'], reply.headers['etag'], reply.headers['content-length']]).toEqual([
      undefined,
      undefined,
      String(CHAT.length),
    ]);
    expect(reply.headers['x-sluice-redacted']).toBe('secret.word=1');
  });

  it('that is compressed and unchanged stays compressed', async () => {
    const bytes = gzipSync(CHAT);
    const { reply, exchange } = await answered(
      new FakeReply(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }, plays([bytes])),
      { action: 'report' },
    );
    expect([reply.body.equals(bytes), reply.headers['content-encoding'], exchange.finishReason]).toEqual([
      true,
      'gzip',
      'stop',
    ]);
  });

  it('that cannot be read passes only where nothing must be redacted', async () => {
    const page = new FakeReply(200, JSON_TYPE, plays(['not JSON']));
    expect((await answered(page)).reply.text).toBe('not JSON');
    expect((await answered(page, { action: 'report' })).reply.text).toBe('upstream_unavailable');
  });

  it('that a rule blocks is not sent', async () => {
    const { reply } = await answered(new FakeReply(200, JSON_TYPE, plays([CHAT])), { action: 'block' });
    expect(reply.text).toBe('secret_detected');
  });

  it('with an error in it passes as it is and counts as one', async () => {
    const { reply, exchange } = await answered(new FakeReply(200, JSON_TYPE, plays(['{"error":{"message":"x"}}'])));
    expect([reply.status, reply.text, exchange.outcome, exchange.errorType]).toEqual([
      200,
      '{"error":{"message":"x"}}',
      'error',
      'upstream_error',
    ]);
    const fine = await answered(new FakeReply(200, JSON_TYPE, plays(['{"error":null,"status":"completed"}'])), {
      operation: 'responses',
    });
    expect([fine.exchange.outcome, fine.exchange.finishReason]).toEqual(['success', 'completed']);
  });

  it('of an error passes with its status, redacted whatever its form', async () => {
    const { reply, exchange } = await answered(
      new FakeReply(418, { 'content-type': 'text/plain' }, plays(['a secret'])),
      { action: 'mask' },
    );
    expect([reply.status, reply.text, exchange.outcome, exchange.errorType]).toEqual([
      418,
      'a ******',
      'error',
      'http_418',
    ]);
  });

  it('that was kept while other targets were tried passes unmodified', async () => {
    const headers = { ...JSON_TYPE, 'content-length': '2' };
    const { reply } = await answered(new FakeReply(503, headers, () => {}), { kept: Buffer.from('{}') });
    expect([reply.status, reply.text, reply.headers['content-length']]).toEqual([503, '{}', '2']);
  });

  it('that breaks off is an error before the first byte', async () => {
    expect((await answered(new FakeReply(200, JSON_TYPE, plays(['{"cho'], 'idle_timeout')))).reply.text).toBe(
      'upstream_timeout',
    );
  });

  it.each(['成功', 'O\u0001K', 'caf\u00e9\ufffd', ''])(
    'with the reason phrase %j is answered all the same',
    async (phrase) => {
      const upstream = new FakeReply(200, JSON_TYPE, plays(['{}']));
      upstream.statusText = phrase;
      expect((await answered(upstream)).reply.text).toBe('{}');
      const stream = new FakeReply(200, SSE, plays([FIRST, LAST]));
      stream.statusText = phrase;
      expect((await answered(stream)).reply.text).toBe(FIRST + LAST);
    },
  );
});

describe('a streamed reply', () => {
  it('passes byte for byte and without a length', async () => {
    const { reply, exchange } = await answered(
      new FakeReply(200, { ...SSE, 'content-length': '5' }, plays([FIRST + LAST])),
    );
    expect([reply.text, reply.isComplete, reply.headers['content-length']]).toEqual([FIRST + LAST, true, undefined]);
    expect(exchange).toMatchObject({ isStream: true, outcome: 'success', finishReason: 'stop' });
  });

  it('is known by its type in any case', async () => {
    const { exchange } = await answered(
      new FakeReply(200, { 'content-type': 'Text/Event-Stream; charset=utf-8' }, plays([FIRST, LAST])),
    );
    expect(exchange.isStream).toBe(true);
  });

  it('is redacted event by event', async () => {
    const { reply } = await answered(new FakeReply(200, SSE, plays([FIRST, LAST])), { action: 'mask' });
    expect(reply.text).toBe(FIRST.replace('secret', '******') + LAST);
  });

  it('that a rule blocks ends with one error event, nothing held after it, and no mark on the target', async () => {
    const upstream = new FakeReply(200, SSE, plays(['data: {"choices":[]}\n\n', FIRST, LAST]));
    const { reply, exchange, cuts } = await answered(upstream, { action: 'block' });
    expect(reply.isComplete).toBe(false);
    expect(reply.text.match(/"error"/g)).toHaveLength(1);
    expect(reply.text).toContain('"code":"secret_detected"');
    expect(reply.text).not.toContain('a secret');
    expect(reply.text).not.toContain('[DONE]');
    expect([exchange.outcome, exchange.errorType, upstream.stops, cuts]).toEqual([
      'truncated',
      'secret_detected',
      ['malformed_reply'],
      0,
    ]);
  });

  it.each([
    ['ends too early', 'end', 'upstream_unavailable'],
    ['breaks off', 'reset', 'upstream_timeout'],
  ])('that %s ends with an error event, never as if it were complete', async (_how, ending, code) => {
    const { reply, exchange, cuts } = await answered(new FakeReply(200, SSE, plays([FIRST], ending)));
    expect([reply.text.startsWith(FIRST), reply.isComplete, cuts]).toEqual([true, false, 1]);
    expect(reply.text).toContain(`"code":"${code}"`);
    expect(reply.text).not.toMatch(/\[DONE\]|secret in an error/);
    expect([exchange.outcome, exchange.errorType]).toEqual(['truncated', code]);
  });

  it('gets what was held before the error event where it breaks off', async () => {
    const { reply } = await answered(new FakeReply(200, SSE, plays([FIRST], 'reset')), { action: 'report' });
    expect(reply.text.startsWith(FIRST)).toBe(true);
  });

  it('of an event without end is given up', async () => {
    const endless = Array.from({ length: 64 }, () => Buffer.alloc(1024 * 1024, 'x'));
    const upstream = new FakeReply(200, SSE, plays(endless));
    const { reply, cuts } = await answered(upstream);
    expect([reply.text.includes('upstream_unavailable'), upstream.stops.length, cuts]).toEqual([true, 1, 1]);
  });

  it('that is compressed passes where nothing must be redacted, and is refused where something must', async () => {
    const bytes = gzipSync(FIRST + LAST);
    const headers = { ...SSE, 'content-encoding': 'gzip' };
    expect((await answered(new FakeReply(200, headers, plays([bytes])))).reply.body.equals(bytes)).toBe(true);
    const refused = new FakeReply(200, headers, plays([bytes]));
    expect((await answered(refused, { action: 'report' })).reply.text).toBe('upstream_unavailable');
    expect(refused.stops).toHaveLength(1);
  });

  it('sends its head at once where no chunk is at hand', async () => {
    const sinks: Sink[] = [];
    const upstream = new FakeReply(200, SSE, (sink) => void sinks.push(sink));
    upstream.hasWaiting = false;
    const exchange = newExchange();
    const context = {
      redactor: new FakeRedactor('allow'),
      clock: { now: () => 0, wall: () => 0 },
      judge: null,
      editor: null,
      ownKeys: OwnKeys.NONE,
      stallTimeout: 60_000,
      onCut: () => {},
      onWhole: () => {},
      maxEventBytes: 1024 * 1024,
    };
    const port = await serve((_incoming, outgoing) => void respond(outgoing, exchange, upstream, null, context));
    const connection = await RawConnection.open(port);
    connection.send(rawRequest('/'));
    expect(await connection.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK/);
    plays([FIRST, LAST])(sinks[0]!);
    expect(await connection.until('[DONE]')).toContain(FIRST);
  });
});

describe('a reply that is passed through', () => {
  it('is not read, whatever it is', async () => {
    const headers = { 'content-type': 'text/html', 'content-encoding': 'br', 'content-length': '4' };
    const { reply } = await answered(
      new FakeReply(302, { ...headers, location: '/x' }, plays([Buffer.from([0, 255, 1, 2])])),
      {
        operation: 'passthrough',
        action: 'block',
      },
    );
    expect([reply.status, [...reply.body], reply.headers['content-length'], reply.headers['location']]).toEqual([
      302,
      [0, 255, 1, 2],
      '4',
      '/x',
    ]);
  });

  it('that breaks off is not complete for the client either', async () => {
    const upstream = new FakeReply(200, {}, (sink) => {
      sink.data(Buffer.from('part'));
      // The client must have the head before the connection breaks, or it has no reply at all.
      setImmediate(() => sink.fail(new Failure('reset')));
    });
    const { reply, exchange, cuts } = await answered(upstream, { operation: 'passthrough' });
    expect([reply.isComplete, exchange.outcome, cuts]).toEqual([false, 'truncated', 1]);
  });
});

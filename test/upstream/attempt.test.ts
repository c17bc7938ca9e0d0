import { describe, expect, it } from 'vitest';
import { Attempt, type ReplySink } from '../../src/upstream/attempt.ts';
import type { UpstreamFailure } from '../../src/upstream/upstream-error.ts';
import { closedPort, startFakeUpstream, startRawUpstream } from '../support/fake-upstream.ts';
import { FakeClock, openUpstream, post } from './support.ts';

const clock = new FakeClock();

/** Collects a reply; `done` resolves with how it ended. */
class Collected implements ReplySink {
  readonly chunks: string[] = [];
  readonly endings: string[] = [];
  readonly done: Promise<string>;
  private settle: (ending: string) => void = () => {};
  private waiting: { readonly text: string; readonly resolve: () => void }[] = [];

  constructor() {
    this.done = new Promise((resolve) => (this.settle = resolve));
  }

  get text(): string {
    return this.chunks.join('');
  }

  /** Resolves when so much has come. */
  has(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ text, resolve });
      this.check();
    });
  }

  data(chunk: Buffer): void {
    this.chunks.push(chunk.toString());
    this.check();
  }

  end(): void {
    this.finish('end');
  }

  fail({ kind }: UpstreamFailure): void {
    this.finish(kind);
  }

  private finish(ending: string): void {
    this.endings.push(ending);
    this.settle(ending);
  }

  private check(): void {
    for (const { text, resolve } of this.waiting) if (this.text.includes(text)) resolve();
  }
}

async function failureOf(attempt: Promise<Attempt>): Promise<UpstreamFailure> {
  const outcome = await attempt.catch((error: unknown) => error);
  if (outcome instanceof Attempt) throw new Error('did not fail');
  return outcome as UpstreamFailure;
}

describe('an attempt', () => {
  it("resolves at the reply's headers and hands the body to its sink", async () => {
    const server = await startFakeUpstream(({ outgoing }) => {
      outgoing.writeHead(201, 'Made', { 'X-Request-Id': 'r1', 'x-many': ['a', 'b'] }).end('body');
    });
    const attempt = await new Attempt().start(openUpstream(server.url, clock).dispatcher, post());
    expect([
      attempt.status,
      attempt.statusText,
      attempt.header('x-request-id'),
      attempt.header('x-many'),
      attempt.header('none'),
    ]).toEqual([201, 'Made', 'r1', 'a, b', undefined]);
    expect(attempt.rawHeaders.slice(0, 2).map(String)).toEqual(['X-Request-Id', 'r1']);
    const sink = new Collected();
    attempt.pipeTo(sink);
    expect([await sink.done, sink.text]).toEqual(['end', 'body']);
    expect(server.calls[0]?.body.toString()).toBe('{"model":"m"}');
  });

  it('keeps what comes before there is a sink, and its end', async () => {
    const server = await startFakeUpstream(({ outgoing }) => void outgoing.end('early'));
    const upstream = openUpstream(server.url, clock);
    const attempt = await new Attempt().start(upstream.dispatcher, post());
    // A second call on the same connection cannot be answered before the first reply has ended.
    await upstream.close();
    expect(attempt.hasWaiting).toBe(true);
    const sink = new Collected();
    attempt.pipeTo(sink);
    expect([sink.text, sink.endings]).toEqual(['early', ['end']]);
  });

  it('holds the provider back while paused', async () => {
    const size = 64 * 1024 * 1024;
    const server = await startFakeUpstream(({ outgoing }) => {
      outgoing.writeHead(200);
      outgoing.write('first');
    });
    const attempt = await new Attempt().start(openUpstream(server.url, clock).dispatcher, post());
    let received = 0;
    const ended = new Promise<void>((resolve) => {
      attempt.pipeTo({ data: (chunk) => void (received += chunk.length), end: resolve, fail: () => {} });
    });
    attempt.pause();
    const { outgoing } = await server.call(0);
    const isTaken = outgoing.write(Buffer.alloc(size));
    expect(isTaken).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(received).toBeLessThan(size);
    attempt.resume();
    outgoing.end();
    await ended;
    expect(received).toBe(size + 5);
  });

  it('that is stopped before it starts sends nothing and fails at once', async () => {
    const server = await startFakeUpstream(({ outgoing }) => void outgoing.end());
    const attempt = new Attempt();
    attempt.stop('client_gone');
    const failure = await failureOf(attempt.start(openUpstream(server.url, clock).dispatcher, post()));
    expect([failure.kind, failure.maySentBytes, server.connections]).toEqual(['client_gone', false, 0]);
  });

  it('that is stopped before it has a connection fails at once', async () => {
    const server = await startFakeUpstream(({ outgoing }) => void outgoing.end());
    const attempt = new Attempt();
    const outcome = failureOf(attempt.start(openUpstream(server.url, clock).dispatcher, post()));
    attempt.stop('client_gone');
    const failure = await outcome;
    expect([failure.kind, failure.maySentBytes]).toEqual(['client_gone', false]);
  });

  it('that is stopped while it waits leaves the provider', async () => {
    const server = await startFakeUpstream(() => {});
    const attempt = new Attempt();
    const outcome = failureOf(attempt.start(openUpstream(server.url, clock).dispatcher, post()));
    const { left } = await server.call(0);
    attempt.stop('total_timeout');
    const failure = await outcome;
    expect([failure.kind, failure.maySentBytes, await left]).toEqual(['total_timeout', true, true]);
  });

  it.each(['before the sink', 'in the sink'])('tells its end once where it is stopped %s', async (when) => {
    const server = await startFakeUpstream(({ outgoing }) => {
      outgoing.writeHead(200);
      outgoing.write('part');
    });
    const attempt = await new Attempt().start(openUpstream(server.url, clock).dispatcher, post());
    const sink = new Collected();
    const stopping: ReplySink = {
      data(chunk) {
        sink.data(chunk);
        attempt.stop('malformed_reply');
      },
      end: () => sink.end(),
      fail: (failure) => sink.fail(failure),
    };
    if (when === 'before the sink') attempt.stop('malformed_reply');
    attempt.pipeTo(stopping);
    expect(await sink.done).toBe('malformed_reply');
    expect(await (await server.call(0)).left).toBe(true);
    attempt.stop('shutdown');
    expect(sink.endings).toEqual(['malformed_reply']);
  });

  it('tells a reply that breaks off', async () => {
    const server = await startFakeUpstream(({ outgoing }) => {
      outgoing.writeHead(200, { 'content-length': '100' });
      outgoing.write('part', () => outgoing.socket?.resetAndDestroy());
    });
    const attempt = await new Attempt().start(openUpstream(server.url, clock).dispatcher, post());
    const sink = new Collected();
    attempt.pipeTo(sink);
    expect(await sink.done).toBe('reset');
  });

  it('passes an interim reply by', async () => {
    const { url } = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
    expect((await new Attempt().start(openUpstream(url, clock).dispatcher, post())).status).toBe(200);
  });

  it('fails without having sent anything where nothing listens', async () => {
    const upstream = openUpstream(`http://127.0.0.1:${await closedPort()}`, clock);
    const failure = await failureOf(new Attempt().start(upstream.dispatcher, post()));
    expect([failure.kind, failure.maySentBytes]).toEqual(['connect_error', false]);
  });

  it.each([
    'HTTP/9.9 nonsense\r\n\r\n',
    'HTTP/1.1 200 OK\r\nbad header\r\n\r\n',
    `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(80_000)}\r\n\r\n`,
  ])('calls a reply that is no HTTP malformed (%#)', async (reply) => {
    const { url } = await startRawUpstream((socket) => void socket.end(reply));
    const failure = await failureOf(new Attempt().start(openUpstream(url, clock).dispatcher, post()));
    expect([failure.kind, failure.maySentBytes]).toEqual(['malformed_reply', true]);
  });

  it('calls a request that HTTP cannot carry unsendable, before anything is sent', async () => {
    const server = await startFakeUpstream(({ outgoing }) => void outgoing.end());
    const { dispatcher } = openUpstream(server.url, clock);
    for (const more of [{ path: 'p://x' }, { path: '/a b' }, { headers: ['x-a', 'line\nbreak'] }]) {
      const failure = await failureOf(new Attempt().start(dispatcher, post(more)));
      expect([failure.kind, failure.maySentBytes]).toEqual(['unsendable', false]);
    }
    expect(server.connections).toBe(0);
  });

  it('stops at an idle provider, before the first byte and between two', async () => {
    const silent = await startFakeUpstream(() => {});
    const early = await failureOf(
      new Attempt().start(openUpstream(silent.url, clock).dispatcher, post({ firstByteTimeout: 50 })),
    );
    expect(early.kind).toBe('first_byte_timeout');
    const stalling = await startFakeUpstream(({ outgoing }) => {
      outgoing.writeHead(200);
      outgoing.write('part');
    });
    const attempt = await new Attempt().start(openUpstream(stalling.url, clock).dispatcher, post({ idleTimeout: 50 }));
    const sink = new Collected();
    attempt.pipeTo(sink);
    expect([await sink.done, sink.text]).toEqual(['idle_timeout', 'part']);
  });
});

describe('an upstream', () => {
  it('gives its connections back and closes when the last reply is done', async () => {
    const server = await startFakeUpstream(({ outgoing }) => void outgoing.end('ok'));
    const upstream = openUpstream(server.url, clock);
    for (let call = 0; call < 3; call++) {
      const sink = new Collected();
      (await new Attempt().start(upstream.dispatcher, post())).pipeTo(sink);
      await sink.done;
      // The connection is free again after the turn in which the reply ended.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.connections).toBe(1);
    await upstream.close();
  });
});

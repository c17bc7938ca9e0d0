import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** One request as it reached the provider, and the way to answer it. */
export interface UpstreamCall {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly url: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The exact bytes, content-encoding and all; empty where the upstream leaves the body to its handler. */
  readonly body: Buffer;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Resolves when the exchange is over: true where the gateway left before the answer was complete. */
  readonly left: Promise<boolean>;
}

export type UpstreamHandler = (call: UpstreamCall) => void | Promise<void>;

export interface FakeUpstream {
  readonly port: number;
  /** Without a path: the base URL for Anthropic; OpenAI's has `/v1` behind it. */
  readonly url: string;
  readonly calls: readonly UpstreamCall[];
  /** Connections accepted so far. */
  readonly connections: number;
  /** The call with this number, counted from 0, as soon as it is there. */
  call(index: number): Promise<UpstreamCall>;
  close(): Promise<void>;
}

/** A provider that does what the test says. `readsBody: false` hands each call over at its headers. */
export async function startFakeUpstream(
  handler: UpstreamHandler,
  { readsBody = true }: { readonly readsBody?: boolean } = {},
): Promise<FakeUpstream> {
  const calls: UpstreamCall[] = [];
  const waiting: { readonly index: number; readonly resolve: (call: UpstreamCall) => void }[] = [];
  let connections = 0;
  const server = createHttpServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (incoming, outgoing) => {
    void serve(incoming, outgoing, readsBody).then((call) => {
      calls.push(call);
      for (const { index, resolve } of waiting) if (index === calls.length - 1) resolve(call);
      return handler(call);
    });
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  onTestFinished(close);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    calls,
    get connections() {
      return connections;
    },
    call: (index) => {
      const call = calls[index];
      return call === undefined ? new Promise((resolve) => waiting.push({ index, resolve })) : Promise.resolve(call);
    },
    close,
  };
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, readsBody: boolean): Promise<UpstreamCall> {
  const left = new Promise<boolean>((resolve) => outgoing.on('close', () => resolve(!outgoing.writableFinished)));
  const { method = '', url = '', rawHeaders, headers } = incoming;
  const body = readsBody ? await readAll(incoming) : Buffer.alloc(0);
  return { method, url, rawHeaders, headers, body, incoming, outgoing, left };
}

export async function readAll(source: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A provider below HTTP: `onRequest` gets the socket each time that a request's headers have come. */
export async function startRawUpstream(
  onRequest: (socket: Socket, number: number) => void,
): Promise<{ readonly url: string }> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createTcpServer((socket) => {
    let received = '';
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!received.includes('\r\n\r\n')) return;
      received = '';
      onRequest(socket, requests++);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A port that nothing listens on, nor will while the test runs: it is the near end of a connection. */
export async function closedPort(): Promise<number> {
  const { url } = await startRawUpstream(() => {});
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket.localPort!;
}

export function answerJson({ outgoing }: UpstreamCall, value: unknown, status = 200): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A small complete chat reply. */
export function answerChat(call: UpstreamCall, content = 'Hello.'): void {
  answerJson(call, {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  });
}

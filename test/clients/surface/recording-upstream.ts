import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { readAll } from '../../support/fake-upstream.ts';

/** A request as it came, without what belongs to one connection or one account. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  /** One character a byte. */
  readonly body: string;
}

/** @param index of the request, counted from the first that is answered this way */
export type Answer = (outgoing: ServerResponse, index: number, request: Recorded) => void;

export interface RecordingUpstream {
  /** Without a path. */
  readonly url: string;
  readonly recorded: readonly Recorded[];
  /** Answers like this from now on, and forgets what it has recorded. */
  follow(answer: Answer): void;
}

/** A provider that writes down what it is asked. */
export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  let answer: Answer = (outgoing) => void outgoing.writeHead(500).end();
  let recorded: Recorded[] = [];
  const server = createServer((incoming, outgoing) => {
    const serve = async (): Promise<void> => {
      const request = record(incoming, await readAll(incoming));
      answer(outgoing, recorded.push(request) - 1, request);
    };
    void serve();
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
      answer = next;
      recorded = [];
    },
    get recorded() {
      return recorded;
    },
  };
}

/** Headers of the connection and of the account, and the one that a gateway sets for every request. */
const APART = new Set([
  'host',
  'connection',
  'transfer-encoding',
  'keep-alive',
  'authorization',
  'x-api-key',
  'accept-encoding',
]);
/** Made up for each form. */
const BOUNDARY = /----formdata-undici-\d+/g;

function record({ method = '', url = '', rawHeaders }: IncomingMessage, body: Buffer): Recorded {
  const headers: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (!APART.has(name)) headers.push(`${name}: ${rawHeaders[i + 1]!.replace(BOUNDARY, 'BOUNDARY')}`);
  }
  return { method, url, headers: headers.toSorted(), body: body.toString('latin1').replace(BOUNDARY, 'BOUNDARY') };
}

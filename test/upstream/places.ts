import { GatewayError } from '../../src/core/errors.ts';
import type { Candidate } from '../../src/upstream/attempt-once.ts';
import type { Reply } from '../../src/upstream/send.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';
import type { UpstreamFailure } from '../../src/upstream/upstream-error.ts';
import { closedPort, startFakeUpstream, type FakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { candidate, FakeClock, openUpstream, type Overrides } from './support.ts';

const standing = new FakeClock();

/** Answers with each status in turn, the last one for ever; the body tells the number of the call. */
export function statuses(...list: (number | [status: number, headers: Record<string, string>])[]): UpstreamHandler {
  let turn = 0;
  return ({ outgoing }) => {
    const entry = list[Math.min(turn, list.length - 1)]!;
    const [status, headers] = typeof entry === 'number' ? [entry, {}] : entry;
    outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(`{"call":${turn++}}`);
  };
}

export interface Place {
  readonly server: FakeUpstream;
  readonly upstream: Upstream;
  readonly candidate: Candidate;
}

export async function place(handler: UpstreamHandler, name = 'first', overrides: Overrides = {}): Promise<Place> {
  const server = await startFakeUpstream(handler);
  const upstream = openUpstream(server.url, standing, name, overrides);
  return { server, upstream, candidate: candidate(upstream) };
}

export async function refusing(name = 'first'): Promise<Upstream> {
  return openUpstream(`http://127.0.0.1:${await closedPort()}`, standing, name);
}

export async function failureOf(sent: Promise<Reply>): Promise<unknown> {
  return sent.then(
    () => {
      throw new Error('did not fail');
    },
    (error: unknown) => error,
  );
}

export async function codeOf(sent: Promise<Reply>): Promise<string> {
  const error = await failureOf(sent);
  return error instanceof GatewayError ? error.code : (error as UpstreamFailure).kind;
}

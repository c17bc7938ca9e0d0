import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { forbiddenAddress } from '../core/address.ts';
import { guardedLookup } from '../core/guarded-lookup.ts';
import type { Milliseconds } from '../core/units.ts';

export interface PostReply {
  readonly status: number;
  /** The `retry-after` header; null without one. */
  readonly retryAfter: string | null;
}

interface PostOptions {
  readonly timeout: Milliseconds;
  readonly allowAddresses: readonly string[];
}

/**
 * Sends JSON and waits for the status. Redirects are not followed and the reply's body is not read: a hook has nothing to
 * say but its status.
 * @throws Error where no reply came in time; never with the URL or the headers in it
 */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: PostOptions,
) => Promise<PostReply>;

export const post: Post = (url, headers, body, { timeout, allowAddresses }) =>
  new Promise((resolve, reject) => {
    // An address that is written out is not looked up.
    const forbidden = forbiddenAddress(new URL(url).hostname, allowAddresses);
    if (forbidden !== null) throw new Error(`the hook leads to ${forbidden}, which is not allowed`);
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
      lookup: guardedLookup(allowAddresses),
      agent: false,
    });
    const deadline = setTimeout(() => request.destroy(new Error(`no reply within ${timeout} ms`)), timeout);
    request.once('close', () => clearTimeout(deadline));
    request.once('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? error.message)));
    request.once('response', (reply: IncomingMessage) => {
      resolve({ status: reply.statusCode ?? 0, retryAfter: reply.headers['retry-after'] ?? null });
      reply.destroy();
    });
    request.end(body);
  });

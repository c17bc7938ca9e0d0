import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import type { Clock } from '../core/clock.ts';
import { readRetryAfter } from '../core/retry-after.ts';
import type { Milliseconds } from '../core/units.ts';
import { isUnreachable, postToCollector, type CollectorOptions, type CollectorReply } from './collector-post.ts';

/** How one signal is written, and what is answered is read. */
export interface Serializer<Data> {
  readonly contentType: string;
  serialize(data: Data): Uint8Array | undefined;
  /** What the collector did not take of a batch that it took. */
  readPartial(body: Uint8Array): PartialSuccess;
}

export interface PartialSuccess {
  readonly rejected: number;
  /** Why, or what else the collector has to say; empty: nothing. */
  readonly message: string;
}

/** A batch was not taken. */
export class CollectorError extends Error {
  readonly code: string | number;
  /** The collector takes nothing before; null: it did not say. */
  readonly retryAfter: Milliseconds | null;

  constructor(code: string | number, retryAfter: Milliseconds | null) {
    super(`the collector answered ${code}`);
    this.name = 'CollectorError';
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

interface SenderDeps<Data> {
  readonly options: CollectorOptions;
  readonly serializer: Serializer<Data>;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly wait?: (delay: Milliseconds) => Promise<void>;
}

/** @source OTLP specification, "Failures": all other codes mean that the same batch will never be taken */
const RETRYABLE = new Set([429, 502, 503, 504]);
const FIRST_DELAY: Milliseconds = 1_000;
const LONGEST_DELAY: Milliseconds = 5_000;
const GROWTH = 1.5;
const JITTER = 0.2;
const NOTHING: PartialSuccess = { rejected: 0, message: '' };
const gzip = promisify(gzipWithCallback);

/** Sends batches to a collector, and repeats one that it has no time for, as long as the time of a batch lasts. */
export class OtlpSender<Data> {
  private readonly deps: SenderDeps<Data>;
  private readonly wait: (delay: Milliseconds) => Promise<void>;

  constructor(deps: SenderDeps<Data>) {
    this.deps = deps;
    this.wait = deps.wait ?? ((delay) => new Promise((resolve) => setTimeout(resolve, delay).unref()));
  }

  /** Rejects with `CollectorError` and with what the network says. */
  async send(data: Data): Promise<PartialSuccess> {
    const { serializer, options, clock } = this.deps;
    const body = serializer.serialize(data);
    if (body === undefined) return NOTHING;
    const written = options.compression === 'gzip' ? await gzip(body) : body;
    const headers = await this.headers();
    const deadline = clock.now() + options.timeoutMillis;
    for (let delay = FIRST_DELAY; ; delay = Math.min(LONGEST_DELAY, delay * GROWTH)) {
      const left = Math.max(1, deadline - clock.now());
      const reply = await postToCollector(options, headers, written, left).catch((error: unknown) => toFailure(error));
      if (!(reply instanceof Error) && reply.status < 300) return this.partialOf(reply);
      const told = reply instanceof Error ? null : readRetryAfter(reply.headers['retry-after'], clock.wall());
      const pause = told ?? delay * (1 + JITTER * (2 * Math.random() - 1));
      if (!isRetryable(reply) || clock.now() + pause > deadline)
        throw reply instanceof Error ? reply : new CollectorError(reply.status, told);
      await this.wait(pause);
    }
  }

  private async headers(): Promise<Record<string, string>> {
    const { options, serializer, userAgent } = this.deps;
    return {
      'user-agent': userAgent,
      ...(await options.headers()),
      'content-type': serializer.contentType,
      ...(options.compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    };
  }

  /** A collector may answer with nothing, or with a page: then it took all. */
  private partialOf({ headers, body }: CollectorReply): PartialSuccess {
    const { serializer } = this.deps;
    if (body.length === 0 || headers['content-type']?.startsWith(serializer.contentType) !== true) return NOTHING;
    try {
      return serializer.readPartial(body);
    } catch {
      return NOTHING;
    }
  }
}

function isRetryable(reply: CollectorReply | Error): boolean {
  return reply instanceof Error ? isUnreachable(reply) : RETRYABLE.has(reply.status);
}

function toFailure(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

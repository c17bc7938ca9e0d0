import { Pool } from 'undici';
import type { DetectorConfig, DetectorResult } from '../core/external-detector.ts';
import { guardedLookup } from '../core/guarded-lookup.ts';
import type { Bytes } from '../core/units.ts';

/** A larger answer is none: a text has room for far fewer findings. */
const LONGEST_ANSWER: Bytes = 4 * 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

/** A call that came to nothing. */
export class CallFailure extends Error {
  readonly result: Exclude<DetectorResult, 'ok'>;

  constructor(result: Exclude<DetectorResult, 'ok'>) {
    super(result);
    this.name = 'CallFailure';
    this.result = result;
  }
}

/** The connections to one analyzer. Redirects are not followed: the text is for nobody else. */
export class AnalyzerClient {
  private readonly config: DetectorConfig;
  private readonly path: string;
  private readonly pool: Pool;

  constructor(config: DetectorConfig) {
    const { origin, pathname } = new URL(config.url);
    this.config = config;
    this.path = pathname;
    this.pool = new Pool(origin, {
      connections: config.concurrency,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      connect: { timeout: config.timeout, lookup: guardedLookup(config.allowAddresses) },
    });
  }

  /** @returns the text of its answer. @throws CallFailure */
  async post(body: string, signal: AbortSignal): Promise<string> {
    const deadline = AbortSignal.timeout(this.config.timeout);
    const either = AbortSignal.any([signal, deadline]);
    try {
      return await this.exchange(body, either);
    } catch (error) {
      if (signal.aborted) throw new CallFailure('cancelled');
      if (deadline.aborted) throw new CallFailure('timeout');
      throw error instanceof CallFailure ? error : new CallFailure('unreachable');
    }
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  /** A connection that was kept may have been closed meanwhile, and asking twice does no harm. */
  private exchange(body: string, signal: AbortSignal): Promise<string> {
    return this.once(body, signal).catch((error: unknown) => {
      if (error instanceof CallFailure || signal.aborted) throw error;
      return this.once(body, signal);
    });
  }

  private async once(body: string, signal: AbortSignal): Promise<string> {
    const { statusCode, body: answer } = await this.pool.request({
      method: 'POST',
      path: this.path,
      headers: { 'content-type': 'application/json', accept: 'application/json', ...this.config.headers },
      body,
      signal,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LONGEST_ANSWER) throw new CallFailure('bad_answer');
      chunks.push(chunk);
    }
    if (statusCode !== 200) throw new CallFailure('http_error');
    return Buffer.concat(chunks, size).toString('utf8');
  }
}

import { createHash } from 'node:crypto';
import { createClient, ErrorReply } from '@redis/client';
import { CountersUnavailableError } from '../core/counters.ts';
import type { Milliseconds } from '../core/units.ts';
import { ReplyDeadline } from './reply-deadline.ts';
import type { RedisRequest } from './redis-request.ts';
import { REDIS_SCRIPT } from './redis-script.ts';

const SCRIPT_HASH = createHash('sha1').update(REDIS_SCRIPT).digest('hex');

/** A decision that takes longer is no longer waited for. */
const REPLY_WITHIN: Milliseconds = 250;
const CONNECT_WITHIN: Milliseconds = 2000;
/** A server that has been silent for so long while it was asked may be behind a dead connection: a new one is made. */
const SILENT: Milliseconds = 2000;
const MAX_QUEUED = 10_000; // decisions on one connection: more than a server answers within `REPLY_WITHIN`
const FIRST_RETRY: Milliseconds = 50;
const MAX_RETRY: Milliseconds = 1000;

type Client = ReturnType<typeof openClient>;

/** One connection, on which decisions wait in line; it comes back by itself. */
export class RedisConnection {
  private readonly url: string;
  private readonly deadline = new ReplyDeadline(REPLY_WITHIN);
  private client!: Client;
  /** Until the first attempt has been made: whoever asks earlier waits for it. */
  private opening: Promise<void> | null;
  private lastError: unknown = new Error('There is no connection yet.');
  private silentSince: Milliseconds | null = null;
  private isClosed = false;

  constructor(url: string) {
    this.url = url;
    this.opening = this.connect();
  }

  /** @throws CountersUnavailableError */
  async run(request: RedisRequest): Promise<number[]> {
    if (this.opening !== null) await this.opening;
    if (!this.client.isReady) throw new CountersUnavailableError(this.lastError);
    try {
      const reply = await this.deadline.wait(this.evaluate(this.client, request));
      this.silentSince = null;
      return reply;
    } catch (error) {
      this.failed(error);
      throw new CountersUnavailableError(error);
    }
  }

  close(): Promise<void> {
    this.isClosed = true;
    if (this.client.isReady) return this.client.close();
    this.client.destroy();
    return Promise.resolve();
  }

  private async evaluate(client: Client, { keys, argument }: RedisRequest): Promise<number[]> {
    const rest = [`${keys.length}`, ...keys, argument];
    try {
      return await client.sendCommand<number[]>(['EVALSHA', SCRIPT_HASH, ...rest]);
    } catch (error) {
      if (!isScriptUnknown(error)) throw error;
      return client.sendCommand<number[]>(['EVAL', REDIS_SCRIPT, ...rest]); // which also loads it
    }
  }

  /** @returns once there is a connection, or the first attempt has failed */
  private connect(): Promise<void> {
    const client = openClient(this.url);
    this.client = client;
    return new Promise((resolve) => {
      const attempted = () => {
        this.opening = null;
        resolve();
      };
      client.on('error', (error: unknown) => {
        this.lastError = error;
        attempted();
      });
      client.connect().then(attempted, attempted);
    });
  }

  private failed(error: unknown): void {
    if (error instanceof ErrorReply || this.isClosed) return;
    const now = performance.now();
    this.silentSince ??= now;
    if (now - this.silentSince < SILENT) return;
    this.silentSince = null;
    this.client.destroy();
    this.opening = this.connect();
  }
}

function openClient(url: string) {
  return createClient({
    url,
    name: 'sluice',
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: CONNECT_WITHIN,
      reconnectStrategy: (retries) => Math.min(FIRST_RETRY * 2 ** retries, MAX_RETRY),
    },
  });
}

function isScriptUnknown(error: unknown): boolean {
  return error instanceof ErrorReply && error.message.startsWith('NOSCRIPT');
}

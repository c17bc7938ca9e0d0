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
/** A connection that has been silent for so long while it was asked may be dead: a new one is made. */
const SILENT: Milliseconds = 2000;
/** So is one that has come no further for so long on its way to be ready. */
const STUCK: Milliseconds = 5000;
const MAX_QUEUED = 10_000; // decisions on one connection: more than a server answers within `REPLY_WITHIN`
const FIRST_RETRY: Milliseconds = 50;
const MAX_RETRY: Milliseconds = 1000;

type Client = ReturnType<typeof openClient>;

/** One connection, on which decisions wait in line; it comes back by itself. */
export class RedisConnection {
  private readonly url: string;
  private readonly deadline = new ReplyDeadline(REPLY_WITHIN);
  private client: Client;
  /** Until the first attempt has been made, when a process starts: whoever asks earlier waits for it. */
  private starting: Promise<void> | null;
  private lastError: unknown = new Error('There is no connection yet.');
  /** When it last connected, failed, or answered after it was asked. */
  private progressAt: Milliseconds = performance.now();
  private silentSince: Milliseconds | null = null;
  private isClosed = false;

  constructor(url: string) {
    this.url = url;
    this.client = this.connect();
    this.starting = this.firstAttempt(this.client);
  }

  /** @throws CountersUnavailableError */
  async run(request: RedisRequest): Promise<number[]> {
    if (this.starting !== null) await this.starting;
    if (!this.client.isReady) throw this.notReady();
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

  private connect(): Client {
    const client = openClient(this.url);
    const progress = () => void (this.progressAt = performance.now());
    client.on('connect', progress);
    client.on('ready', progress);
    client.on('error', (error: unknown) => {
      this.lastError = error;
      progress();
    });
    client.connect().catch(progress); // 'error' has told, and it goes on trying
    return client;
  }

  private firstAttempt(client: Client): Promise<void> {
    return new Promise((resolve) => {
      const attempted = () => {
        clearTimeout(timer);
        this.starting = null;
        resolve();
      };
      const timer = setTimeout(attempted, CONNECT_WITHIN);
      client.once('ready', attempted);
      client.once('error', attempted);
    });
  }

  private notReady(): CountersUnavailableError {
    if (performance.now() - this.progressAt > STUCK) this.connectAnew();
    return new CountersUnavailableError(this.lastError);
  }

  private failed(error: unknown): void {
    if (error instanceof ErrorReply) return;
    const now = performance.now();
    this.silentSince ??= now;
    if (now - this.silentSince >= SILENT) this.connectAnew();
  }

  private connectAnew(): void {
    if (this.isClosed) return;
    this.silentSince = null;
    this.progressAt = performance.now();
    this.client.destroy();
    this.client = this.connect();
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

import { createClient, ErrorReply } from '@redis/client';
import type { Milliseconds } from '../core/units.ts';
import { ReplyDeadline } from './reply-deadline.ts';

const CONNECT_WITHIN: Milliseconds = 2000;
/** A connection that has been silent for so long while it was asked may be dead: a new one is made. */
const SILENT: Milliseconds = 2000;
/** So is one that has come no further for so long on its way to be ready. */
const STUCK: Milliseconds = 5000;
const MAX_QUEUED = 10_000; // commands on one connection: more than a server answers in the time that they are waited for
const FIRST_RETRY: Milliseconds = 50;
const MAX_RETRY: Milliseconds = 1000;

export type RedisClient = ReturnType<typeof openClient>;

interface RedisLinkOptions {
  /** `redis://…` or `rediss://…`. */
  readonly url: string;
  /** As the server lists its clients. */
  readonly name: string;
  /** A reply that takes longer is no longer waited for. */
  readonly replyWithin: Milliseconds;
}

/** One connection, on which commands wait in line; it comes back by itself. */
export class RedisLink {
  private readonly options: RedisLinkOptions;
  private readonly deadline: ReplyDeadline;
  private client: RedisClient;
  /** Until the first attempt has been made, when a process starts: whoever asks earlier waits for it. */
  private starting: Promise<void> | null;
  private lastError: unknown = new Error('There is no connection yet.');
  /** When it last connected, failed, or answered after it was asked. */
  private progressAt: Milliseconds = performance.now();
  private silentSince: Milliseconds | null = null;
  private isClosed = false;

  constructor(options: RedisLinkOptions) {
    this.options = options;
    this.deadline = new ReplyDeadline(options.replyWithin);
    this.client = this.connect();
    this.starting = this.firstAttempt(this.client);
  }

  /** Rejects where there is no connection, where the reply does not come in time, or as the command does. */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.starting !== null) await this.starting;
    if (!this.client.isReady) throw this.notReady();
    try {
      const reply = await this.deadline.wait(command(this.client));
      this.silentSince = null;
      return reply;
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  close(): Promise<void> {
    this.isClosed = true;
    if (this.client.isReady) return this.client.close();
    this.client.destroy();
    return Promise.resolve();
  }

  private connect(): RedisClient {
    const client = openClient(this.options);
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

  private firstAttempt(client: RedisClient): Promise<void> {
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

  private notReady(): unknown {
    if (performance.now() - this.progressAt > STUCK) this.connectAnew();
    return this.lastError;
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

function openClient({ url, name }: RedisLinkOptions) {
  return createClient({
    url,
    name,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: CONNECT_WITHIN,
      reconnectStrategy: (retries) => Math.min(FIRST_RETRY * 2 ** retries, MAX_RETRY),
    },
  });
}

import * as pg from 'pg';
import type { PostgresSettings } from '../../core/store-url.ts';
import { STORE_TOPICS, StoreAwayError, type StoreTopic } from '../../core/stores.ts';
import type { Milliseconds } from '../../core/units.ts';
import { asAway, clientConfig, patiently, SERVING } from './connection.ts';
import { channelOf, lockKey } from './open-postgres.ts';

/** A connection that says nothing may be dead. */
const ASK_EVERY: Milliseconds = 2_000;
const ANSWER_WITHIN: Milliseconds = 2_000;
const AGAIN_AFTER: Milliseconds = 500;

type Listener = (topic: StoreTopic) => void;

/**
 * A connection that stays: it hears what others have changed, and holds locks that the server lets go when this process
 * dies. Where it breaks it is made again, and all that may have been missed is told.
 */
export class PostgresSession {
  private readonly settings: PostgresSettings;
  private readonly listeners = new Set<Listener>();
  /** What it is to hold, in this connection and each that follows. */
  private readonly wanted = new Set<string>();
  private client: pg.Client | null = null;
  private connecting: Promise<pg.Client> | null = null;
  private readonly held = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private isLooking = false;
  private isClosed = false;

  constructor(settings: PostgresSettings) {
    this.settings = settings;
  }

  /** Connects at the first listener, and stays connected. Returns the way to stop. */
  watch(listener: Listener): () => void {
    this.listeners.add(listener);
    this.stayConnected();
    return () => this.listeners.delete(listener);
  }

  /** Shows others that this process lives, until it dies or the connection does. @throws StoreAwayError */
  async hold(what: string): Promise<void> {
    this.wanted.add(what);
    this.stayConnected();
    const client = await this.connected();
    if (!this.held.has(what)) await this.take(client, what);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.connecting?.catch(() => {});
    // Not waited for: a server that says nothing would never let it end.
    this.client?.end().catch(() => {});
    this.client = null;
  }

  private stayConnected(): void {
    if (this.isLooking || this.timer !== null || this.isClosed) return;
    void this.look();
  }

  /** From time to time: asks whether the connection lives, makes it again where not. */
  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    let next = ASK_EVERY;
    try {
      const client = await this.connected();
      await patiently(client, ANSWER_WITHIN, () => client.query('select 1'));
    } catch {
      next = AGAIN_AFTER;
    }
    this.isLooking = false;
    this.lookIn(next);
  }

  private lookIn(delay: Milliseconds): void {
    if (this.timer !== null) clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(() => void this.look(), delay).unref();
  }

  private connected(): Promise<pg.Client> {
    if (this.isClosed) return Promise.reject(new StoreAwayError('it was closed'));
    if (this.client !== null) return Promise.resolve(this.client);
    this.connecting ??= this.connect().finally(() => (this.connecting = null));
    return this.connecting;
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...clientConfig(this.settings, SERVING), application_name: 'sluice session' });
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ payload }) => this.tell(payload ?? ''));
    try {
      await client.connect();
      await patiently(client, SERVING.answer, () =>
        client.query(`listen ${pg.escapeIdentifier(channelOf(this.settings.schema))}`),
      );
      this.client = client;
      for (const what of this.wanted) await this.take(client, what);
    } catch (error) {
      this.lost(client);
      throw asAway(error);
    }
    // What was told while nobody listened here is not told again.
    for (const topic of STORE_TOPICS) this.tell(topic);
    return client;
  }

  /** Another process has it only where it, too, calls itself so. */
  private async take(client: pg.Client, what: string): Promise<void> {
    const key = lockKey(this.settings.schema, what);
    const asked = () => client.query<{ taken: boolean }>('select pg_try_advisory_lock($1::bigint) as taken', [key]);
    const { rows } = await patiently(client, SERVING.answer, asked).catch((error: unknown) => {
      throw asAway(error);
    });
    if (rows[0]?.taken === true) this.held.add(what);
  }

  private lost(client: pg.Client): void {
    client.end().catch(() => {});
    if (this.client !== client) return;
    this.client = null;
    this.held.clear();
    this.lookIn(AGAIN_AFTER);
  }

  private tell(topic: string): void {
    if (!(STORE_TOPICS as readonly string[]).includes(topic)) return;
    for (const listener of this.listeners) listener(topic as StoreTopic);
  }
}

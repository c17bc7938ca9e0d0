import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as pg from 'pg';
import { findPostgres, forgetPostgres, startPostgres, type RunningPostgres } from '../../scripts/postgres-server.ts';
import { findRedis, startRedis } from '../../scripts/redis-server.ts';
import type { Milliseconds } from '../../src/core/units.ts';
import { startSimulator, type RunningSimulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import { scratchFolder } from '../scratch.ts';
import { DrilledGateway } from './gateway.ts';

export const GATEWAYS = 3;
export const PRICE = { input: 100, output: 1000 };
const LOOK_EVERY: Milliseconds = 20;

/** Three gateways on one Postgres and one Redis, and the provider behind them. */
export class World implements AsyncDisposable {
  readonly folder: string;
  readonly simulator: RunningSimulator;
  /** In the order of their start; one that is replaced leaves its place to the next. */
  readonly gateways: DrilledGateway[] = [];
  private readonly workers: number;
  private readonly servers: { postgres: RunningPostgres; readonly redis: { readonly url: string } };
  private readonly change: object;
  private readonly opened: AsyncDisposableStack;
  private started = 0;

  private constructor(
    { folder, workers, change }: { readonly folder: string; readonly workers: number; readonly change: object },
    servers: World['servers'],
    simulator: RunningSimulator,
    opened: AsyncDisposableStack,
  ) {
    this.folder = folder;
    this.workers = workers;
    this.change = change;
    this.servers = servers;
    this.simulator = simulator;
    this.opened = opened;
  }

  /** @param change sections of the configuration in place of the drill's own */
  static async open(workers: number, change: object, simulated: SimulatorOptions = {}): Promise<World> {
    const opened = new AsyncDisposableStack();
    try {
      const folder = scratchFolder('drill');
      const servers = { postgres: await startPostgres(installed(findPostgres())), redis: await openRedis(opened) };
      const simulator = await startSimulator({ defaults: { latency: { medianMs: 5 } }, ...simulated });
      opened.defer(() => simulator.close());
      const world = new World({ folder, workers, change }, servers, simulator, opened);
      opened.defer(() => world.closeServers());
      while (world.gateways.length < GATEWAYS) world.gateways.push(await world.startGateway());
      return world;
    } catch (error) {
      await opened.disposeAsync();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened.disposeAsync();
  }

  get postgres(): RunningPostgres {
    return this.servers.postgres;
  }

  /** One more, on ports of its own, with the directories that all of them share. */
  startGateway(change: object = {}): Promise<DrilledGateway> {
    return this.keep(DrilledGateway.start(this.nextName(), this.config(change), this.folder));
  }

  /** The same, ready or not. */
  spawnGateway(): Promise<DrilledGateway> {
    return this.keep(DrilledGateway.spawn(this.nextName(), this.config({}), this.folder));
  }

  recordsFolder(): string {
    return join(this.folder, 'records');
  }

  /** With the data that it had. */
  async restartPostgres(): Promise<void> {
    const { port, folder } = this.postgres;
    this.servers.postgres = await startPostgres(installed(findPostgres()), { port, folder });
  }

  async sql<Row extends object>(text: string): Promise<readonly Row[]> {
    const client = new pg.Client(this.postgres.url);
    await client.connect();
    try {
      await client.query('set search_path = sluice');
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  private config(change: object): object {
    const { folder, simulator, servers, workers } = this;
    const { gateway: own = {}, ...others } = this.change as { readonly gateway?: object };
    const { gateway = {}, ...rest } = change as { readonly gateway?: object };
    return {
      gateway: { workers, ...own, ...gateway },
      store: servers.postgres.url,
      counters: servers.redis.url,
      spool: { directory: made(join(folder, 'spool')) },
      audit: { spool: made(join(folder, 'audit')) },
      providers: { sim: { type: 'openai', baseUrl: simulator.baseUrl } },
      models: { m: { target: 'sim/m' } },
      prices: { 'sim/*': PRICE },
      record: { files: { directory: this.recordsFolder(), gzip: false } },
      log: { level: 'info' },
      ...others,
      ...rest,
    };
  }

  private nextName(): string {
    return `gateway-${++this.started}`;
  }

  private async keep(starting: Promise<DrilledGateway>): Promise<DrilledGateway> {
    const gateway = await starting;
    this.opened.defer(() => gateway.kill());
    return gateway;
  }

  private async closeServers(): Promise<void> {
    await this.postgres.kill();
    forgetPostgres(this.postgres);
  }
}

async function openRedis(opened: AsyncDisposableStack): Promise<{ readonly url: string }> {
  const redis = await startRedis(installed(findRedis()));
  opened.defer(() => redis.stop());
  return redis;
}

/** @throws Error where there is none, saying why */
function installed<Server extends object>(found: Server | string): Server {
  if (typeof found === 'string') throw new Error(found);
  return found;
}

function made(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** @returns how long it took; null: it was not so in time */
export async function untilTrue(holds: () => Promise<boolean>, within: Milliseconds): Promise<Milliseconds | null> {
  const from = performance.now();
  for (;;) {
    if (await holds()) return performance.now() - from;
    if (performance.now() - from > within) return null;
    await sleep(LOOK_EVERY);
  }
}

/** The one that leads; null: none says so, or several do. */
export async function leaderOf(gateways: readonly DrilledGateway[]): Promise<DrilledGateway | null> {
  const leads = await Promise.all(
    gateways.map(async (gateway) => {
      const metrics = await gateway.metrics().catch(() => null);
      return metrics?.sum('sluice_controller_leader') === 1;
    }),
  );
  const leaders = gateways.filter((_, index) => leads[index]);
  return leaders.length === 1 ? leaders[0]! : null;
}

/** @throws Error where none leads in time */
export async function untilLed(gateways: readonly DrilledGateway[]): Promise<DrilledGateway> {
  for (const until = performance.now() + 15_000; performance.now() < until; await sleep(LOOK_EVERY)) {
    const leader = await leaderOf(gateways);
    if (leader !== null) return leader;
  }
  throw new Error('no gateway leads after 15 s');
}

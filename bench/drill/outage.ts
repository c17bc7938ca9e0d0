import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../../src/core/units.ts';
import { atMost, exactly, type Cell, type Target } from '../report.ts';
import { ask, failures, keepAlive, tellFailures, type Answer } from './client.ts';
import type { DrillPlan, DrillResult } from './drill.ts';
import { untilLed, untilTrue, World } from './world.ts';

/** Far below the rate from which outcomes are sampled. */
const CLIENTS = 6;
const PAUSE: Milliseconds = 25;
const BEFORE: Milliseconds = 3_000;
const ARRIVES_WITHIN: Milliseconds = 60_000;
const LOOK_EVERY: Milliseconds = 250;
const STORE_AWAY = 'the store cannot be read';

type Outage = DrillPlan['outages'][number];

/** Every request leaves an outcome, an audit entry and a record. */
const CHANGE = {
  auth: { required: true },
  models: { m: { target: 'sim/m', audit: true } },
  rollouts: [
    {
      name: 'next',
      match: { model: 'm' },
      stable: { target: 'sim/m' },
      canary: { target: 'sim/new' },
      steps: ['50%', '100%'],
      step: { min: '1h', max: '24h' },
      guard: { error_rate: '+25%' },
    },
  ],
};

/** Postgres is away under load: no request fails, and nothing of what happened is lost or there twice. */
export async function drillOutage({ outages, workers }: DrillPlan): Promise<DrillResult> {
  const results: DrillResult[] = [];
  for (const outage of outages) results.push(await drillOne(outage, workers));
  return {
    targets: results.flatMap(({ targets }) => targets),
    rows: results.flatMap(({ rows }) => rows),
    notes: results.flatMap(({ notes }) => notes),
  };
}

async function drillOne(outage: Outage, workers: number): Promise<DrillResult> {
  await using world = await World.open(workers, CHANGE);
  const what = `${outage.how} for ${outage.time / 1e3} s`;
  using load = await Load.begin(world);
  await sleep(BEFORE);
  const leave = await goAway(world, outage);
  const away = performance.now();
  const told = await watchReadiness(world, outage.time - (performance.now() - away));
  await comeBack(world, outage);
  const back = performance.now();
  const isReadyAgain = async () => (await Promise.all(world.gateways.map(hasNoReason))).every(Boolean);
  const readyAgain = await untilTrue(isReadyAgain, ARRIVES_WITHIN);
  await sleep(1_000);
  const answers = await load.end();
  const meanwhile = answers.filter(({ endedAt }) => endedAt > away && endedAt < back);
  const arrived = await untilTrue(() => hasAllArrived(world, answers), ARRIVES_WITHIN);
  const { rows, notes } = await leave(back);
  return {
    targets: [
      exactly(0, 'requests', `${what}: failed`, failures(answers).length),
      ...(await lost(world, answers, what)),
      exactly(told.asked, 'answers', `${what}: /readyz says 200 all the time`, told.ready),
      atMost(10, 's', `${what}: /readyz tells of it after`, told.after === null ? null : told.after / 1e3),
      exactly(1, 'chain', `${what}: audit verified`, await verified(world)),
    ],
    rows: [
      [`${what}: requests, and of those meanwhile`, answers.length, meanwhile.length],
      [`${what}: longest request meanwhile`, Math.max(...meanwhile.map(lasted)), 'ms'],
      [`${what}: /readyz without reasons after its return`, seconds(readyAgain), 's'],
      [`${what}: all has arrived after its return`, seconds(arrived === null ? null : performance.now() - back), 's'],
      ...rows,
    ],
    notes: [...tellFailures(answers), ...notes],
  };
}

/** Clients of all gateways, as SDKs ask: some streams, connections that stay, a key of the file and one of the store. */
class Load implements Disposable {
  private readonly answers: Answer[] = [];
  private readonly clients: Promise<void>[];
  private isOver = false;

  private constructor({ gateways }: World, keys: readonly string[]) {
    this.clients = Array.from({ length: CLIENTS }, (_, client) =>
      this.run(
        gateways[client % gateways.length]!.url,
        keys[Math.floor(client / gateways.length) % keys.length]!,
        client,
      ),
    );
  }

  static async begin(world: World): Promise<Load> {
    await untilLed(world.gateways);
    const keys = [];
    for (const name of ['one', 'other']) {
      const made = await world.gateways[0]!.admin<{ secret: string }>('POST', '/api/v1/keys', { name, models: ['*'] });
      if (made.status !== 201 && made.status !== 200) throw new Error(`a key cannot be made: ${made.status}`);
      keys.push(made.body.secret);
    }
    return new Load(world, keys);
  }

  [Symbol.dispose](): void {
    this.isOver = true;
  }

  async end(): Promise<readonly Answer[]> {
    this.isOver = true;
    await Promise.all(this.clients);
    return this.answers;
  }

  private async run(url: string, key: string, client: number): Promise<void> {
    const agent = keepAlive();
    for (let count = 0; !this.isOver; await sleep(PAUSE)) {
      const user = `user-${client}-${count++}`;
      this.answers.push(await ask({ url, model: 'm', key, user, agent, isStreamed: count % 3 === 0, maxTokens: 10 }));
    }
    agent.destroy();
  }
}

/** @returns what a gateway came to that was started meanwhile, once Postgres has been back for a while */
async function goAway(world: World, { how }: Outage): Promise<(back: Milliseconds) => Promise<StartedMeanwhile>> {
  if (how === 'stopped') await world.postgres.stop();
  else if (how === 'killed') await world.postgres.kill();
  else world.postgres.pause();
  const begun = performance.now();
  const starting = await world.spawnGateway();
  const ended = starting.ended.then((code) => ({ code, after: performance.now() - begun }));
  return async (back) => {
    if (starting.hasEnded) {
      const { code, after } = await ended;
      return { rows: [[`a gateway started meanwhile: ends with code ${code} after`, after / 1e3, 's']], notes: [] };
    }
    await untilTrue(() => starting.isReady(), ARRIVES_WITHIN);
    const after = (performance.now() - back) / 1e3;
    await starting.kill();
    return {
      rows: [['a gateway started meanwhile: waits, and was seen to serve after its return', after, 's']],
      notes: [],
    };
  };
}

type StartedMeanwhile = Pick<DrillResult, 'rows' | 'notes'> & { readonly rows: readonly (readonly Cell[])[] };

async function comeBack(world: World, { how }: Outage): Promise<void> {
  if (how === 'frozen') world.postgres.resume();
  else await world.restartPostgres();
}

interface Told {
  readonly asked: number;
  readonly ready: number;
  /** When the last of the gateways told of it first; null: one never did. */
  readonly after: Milliseconds | null;
}

async function watchReadiness({ gateways }: World, time: Milliseconds): Promise<Told> {
  const from = performance.now();
  const first = new Map<unknown, Milliseconds>();
  let [asked, ready] = [0, 0];
  for (; performance.now() - from < time; await sleep(LOOK_EVERY)) {
    const answers = await Promise.all(gateways.map((gateway) => gateway.readiness()));
    for (const [index, answer] of answers.entries()) {
      asked++;
      if (answer.ready) ready++;
      if (answer.reasons.includes(STORE_AWAY) && !first.has(index)) first.set(index, performance.now() - from);
    }
  }
  return { asked, ready, after: first.size < gateways.length ? null : Math.max(...first.values()) };
}

async function hasNoReason(gateway: World['gateways'][number]): Promise<boolean> {
  const { ready, reasons } = await gateway.readiness();
  return ready && reasons.length === 0;
}

async function hasAllArrived(world: World, answers: readonly Answer[]): Promise<boolean> {
  if ((await judged(world)) < answers.length) return false;
  return (await audited(world)).length >= answers.length && recorded(world).length >= answers.length;
}

async function lost(world: World, answers: readonly Answer[], what: string): Promise<readonly Target[]> {
  const ids = answers.map(({ requestId }) => requestId!);
  const entries = await audited(world);
  const records = recorded(world);
  const dropped = await Promise.all(
    world.gateways.map(async (gateway) => (await gateway.metrics()).sum('sluice_outcomes_dropped_total')),
  );
  return [
    exactly(ids.length, 'outcomes', `${what}: judged, of all requests`, await judged(world)),
    exactly(0, 'outcomes', `${what}: dropped`, Math.max(...dropped)),
    exactly(ids.length, 'entries', `${what}: in the audit trail`, entries.length),
    exactly(0, 'requests', `${what}: without an audit entry`, missing(ids, entries)),
    exactly(ids.length, 'records', `${what}: in files`, records.length),
    exactly(0, 'requests', `${what}: without a record`, missing(ids, records)),
  ];
}

function missing(ids: readonly string[], found: readonly string[]): number {
  const all = new Set(found);
  return ids.filter((id) => !all.has(id)).length;
}

async function judged({ gateways }: World): Promise<number> {
  const { body } = await gateways[0]!.admin<{ requests?: number }>('GET', '/api/v1/rollouts/next/analysis');
  return body.requests ?? 0;
}

/** Request ids. */
async function audited(world: World): Promise<readonly string[]> {
  const rows = await world.sql<{ entry: string }>(`select entry from audit_entries where kind = 'request'`);
  return rows.map(({ entry }) => (JSON.parse(entry) as { subject: string }).subject.replace(/^request:/, ''));
}

/** Request ids of all files, of all gateways. */
function recorded(world: World): readonly string[] {
  const folder = world.recordsFolder();
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  return lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { requestId: string }).requestId);
}

async function verified({ gateways }: World): Promise<number> {
  const { body } = await gateways[0]!.admin<{ ok?: boolean }>('GET', '/api/v1/audit/verify');
  return body.ok === true ? 1 : 0;
}

function lasted({ sentAt, endedAt }: Answer): Milliseconds {
  return endedAt - sentAt;
}

function seconds(time: Milliseconds | null): number | null {
  return time === null ? null : time / 1e3;
}

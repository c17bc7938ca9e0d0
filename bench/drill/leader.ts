import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../../src/core/units.ts';
import { atMost, exactly, type Target } from '../report.ts';
import { ask, failures, tellFailures, type Answer } from './client.ts';
import type { DrillPlan, DrillResult } from './drill.ts';
import type { DrilledGateway } from './gateway.ts';
import { leaderOf, untilLed, untilTrue, World } from './world.ts';

/** Seconds. */
const ACTS_WITHIN = 10;
const GIVEN_UP: Milliseconds = 60_000;
/** Enough evidence that its leader has begun to judge, and far too little to decide. */
const BEFORE = 20;
const PAUSE: Milliseconds = 5;
const CLIENTS = 4;
/** For what a fenced leader might still write. */
const AFTERWARDS: Milliseconds = 3_000;

/** How the one that leads goes. */
type Loss = 'SIGKILL' | 'SIGSTOP';

interface Round {
  readonly rollout: string;
  readonly loss: Loss;
}

/** The leader dies, or stands still, in the middle of a canary that gets worse: another one decides, once. */
export async function drillLeader(plan: DrillPlan): Promise<DrillResult> {
  const losses = Array.from({ length: plan.kills }, (): Loss[] => ['SIGKILL', 'SIGSTOP']).flat();
  const rounds = losses.map((loss, index) => ({ rollout: `r${index}`, loss }));
  const names = rounds.map(({ rollout }) => rollout);
  const change = {
    upstream: { retries: { attempts: 0 } },
    models: Object.fromEntries(names.map((name) => [name, { target: 'sim/good' }])),
    rollouts: names.map((name) => rolloutOf(name)),
  };
  const faults = [{ kind: 'http-500' as const, rate: 0.3, model: 'bad' }];
  await using world = await World.open(plan.workers, change, { faults });
  const measured: Measured[] = [];
  for (const round of rounds) measured.push(await lose(world, round));
  await sleep(AFTERWARDS);
  return {
    targets: [...['SIGKILL', 'SIGSTOP'].flatMap((loss) => times(measured, loss)), ...(await decisions(world, names))],
    rows: measured.map(({ loss, rollout, leads, decided }) => [
      `${rollout} ${loss}: another leads, and has decided, after`,
      `${seconds(leads)} s`,
      `${seconds(decided)} s`,
    ]),
    notes: tellFailures(measured.flatMap(({ broken }) => broken)),
  };
}

function rolloutOf(name: string): object {
  return {
    name,
    match: { model: name },
    stable: { target: 'sim/good' },
    canary: { target: 'sim/bad' },
    steps: ['50%', '100%'],
    step: { min: '1h', max: '24h' },
    guard: { error_rate: '+10%' },
  };
}

interface Measured extends Round {
  readonly leads: Milliseconds | null;
  readonly decided: Milliseconds | null;
  /** Requests whose connection broke, or that a gateway that lived did not answer as the provider did. */
  readonly broken: readonly Answer[];
}

async function lose(world: World, { rollout, loss }: Round): Promise<Measured> {
  const leader = await untilLed(world.gateways);
  const others = world.gateways.filter((gateway) => gateway !== leader);
  const before: Answer[] = [];
  for (let count = 0; count < BEFORE; count++) before.push(await askFor(others[count % 2]!, rollout, count));
  const over = new AbortController();
  const load = underLoad(others, rollout, over.signal);
  const isDecided = async (): Promise<boolean> => (await phaseOf(others[0]!, rollout)) === 'degraded';
  leader.signal(loss);
  const from = performance.now();
  if (await isDecided()) throw new Error(`${rollout} was decided before its leader was lost`);
  const leads = await untilTrue(async () => (await leaderOf(others)) !== null, GIVEN_UP);
  const decided = (await untilTrue(isDecided, GIVEN_UP)) === null ? null : performance.now() - from;
  over.abort();
  const answers = [...before, ...(await load)];
  await comeBack(world, leader, loss);
  return { rollout, loss, leads, decided, broken: failures(answers).filter(({ status }) => status !== 500) };
}

/** One that was killed is replaced; one that stood still wakes up, and finds that it leads no more. */
async function comeBack(world: World, leader: DrilledGateway, loss: Loss): Promise<void> {
  if (loss === 'SIGSTOP') {
    leader.signal('SIGCONT');
    return;
  }
  await leader.ended;
  world.gateways[world.gateways.indexOf(leader)] = await world.startGateway();
}

async function underLoad(
  gateways: readonly DrilledGateway[],
  model: string,
  over: AbortSignal,
): Promise<readonly Answer[]> {
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    const answers: Answer[] = [];
    for (let count = 0; !over.aborted; await sleep(PAUSE))
      answers.push(await askFor(gateways[client % gateways.length]!, model, 1_000 * (client + 1) + count++));
    return answers;
  });
  return (await Promise.all(clients)).flat();
}

function askFor({ url }: DrilledGateway, model: string, user: number): Promise<Answer> {
  return ask({ url, model, user: `user-${user}`, maxTokens: 5 });
}

async function phaseOf(gateway: DrilledGateway, rollout: string): Promise<string | undefined> {
  return (await gateway.admin<{ phase?: string }>('GET', `/api/v1/rollouts/${rollout}`)).body.phase;
}

function times(all: readonly Measured[], loss: string): readonly Target[] {
  const those = all.filter((each) => each.loss === loss);
  const longest = (of: readonly (Milliseconds | null)[]): number =>
    Math.max(...of.map((time) => time ?? Infinity)) / 1e3;
  const rounds = `longest of ${those.length}`;
  return [
    atMost(ACTS_WITHIN, 's', `${loss}: another leads, ${rounds}`, longest(those.map(({ leads }) => leads))),
    atMost(ACTS_WITHIN, 's', `${loss}: another has rolled back, ${rounds}`, longest(those.map((each) => each.decided))),
    exactly(0, 'requests', `${loss}: failed at the others`, those.flatMap(({ broken }) => broken).length),
  ];
}

/** In the events of rollouts and in the audit trail, which gateways cannot change. */
async function decisions(world: World, names: readonly string[]): Promise<readonly Target[]> {
  const events = await world.sql<{ rollout: string; action: string }>(
    `select rollout, action from rollout_events where actor = 'controller'`,
  );
  const entries = await world.sql<{ entry: string }>(`select entry from audit_entries where kind = 'rollout.abort'`);
  const verified = await world.gateways[0]!.admin<{ ok?: boolean }>('GET', '/api/v1/audit/verify');
  return [
    exactly(names.length, 'events', 'decisions, each once, of the controller', events.length),
    exactly(names.length, 'rollouts', 'decided', new Set(events.map(({ rollout }) => rollout)).size),
    exactly(0, 'events', 'that are no abort', events.filter(({ action }) => action !== 'abort').length),
    exactly(2 * names.length, 'entries', 'audit: intent and outcome of each decision', entries.length),
    exactly(1, 'chain', 'audit: verified', verified.body.ok === true ? 1 : 0),
  ];
}

function seconds(time: Milliseconds | null): string {
  return time === null ? 'never' : (time / 1e3).toFixed(1);
}

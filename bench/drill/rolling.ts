import type { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../../src/core/units.ts';
import { atLeast, atMost, exactly, type Target } from '../report.ts';
import { Balancer } from './balancer.ts';
import { ask, failures, keepAlive, tellFailures, type Answer } from './client.ts';
import type { DrillPlan, DrillResult } from './drill.ts';
import { GATEWAYS, World } from './world.ts';

const TOKEN_EVERY: Milliseconds = 500;
const DRAIN_DELAY: Milliseconds = 2_000;
const DRAIN: Milliseconds = 120_000;
/** Opened so far apart: all at once would tell of the machine. */
const RAMP: Milliseconds = 20;
const PAUSE: Milliseconds = 25;
const RARE_PAUSE: Milliseconds = 5_000;
const SHORT_DRAIN: Milliseconds = 3_000;
/** For the last events of a stream that is ended, and for a machine that is busy. */
const CUT_WITHIN: Milliseconds = SHORT_DRAIN + 2_500;

/** All gateways are replaced, one after the other, while streams are open and requests come. */
export async function drillRolling({ workers, streams, streamLasts }: DrillPlan): Promise<DrillResult> {
  const tokens = streamLasts / TOKEN_EVERY;
  const long = { interTokenMs: TOKEN_EVERY, outputTokens: { median: tokens, sigma: 0 } };
  const endless = { interTokenMs: TOKEN_EVERY, outputTokens: { median: 1e6, sigma: 0 } };
  const models = { m: { target: 'sim/m' }, long: { target: 'sim/long' }, endless: { target: 'sim/endless' } };
  const gateway = { timeouts: { drainDelay: `${DRAIN_DELAY}ms`, drain: `${DRAIN}ms` } };
  await using world = await World.open(workers, { models, gateway }, { profiles: { long, endless } });
  const restarted = await drillRestarts(world, streams, 2 * tokens);
  const cut = await drillLimit(world);
  return {
    targets: [...restarted.targets, ...cut.targets],
    rows: [...restarted.rows, ...cut.rows],
    notes: [...restarted.notes, ...cut.notes],
  };
}

async function drillRestarts(world: World, streams: number, maxTokens: number): Promise<DrillResult> {
  using balancer = await Balancer.start();
  balancer.use(world.gateways);
  await balancer.untilReady(GATEWAYS);
  using traffic = new Traffic(balancer.url, streams, maxTokens);
  await traffic.untilOpen();
  const from = performance.now();
  const { open, codes } = await replaceAll(world, balancer, traffic);
  const took = (performance.now() - from) / 1e3;
  const { long, short, kept, rare } = await traffic.end();
  return {
    targets: [
      atLeast(streams, 'streams', 'open when a gateway was told to stop, at least', Math.min(...open)),
      none('streams: cut, or refused', long),
      none('requests on new connections: failed', short),
      none('requests on connections that are used again: failed', kept),
      none('requests on connections that rest for 5 s between: failed', rare),
      exactly(GATEWAYS, 'gateways', 'ended with code 0', codes.filter((code) => code === 0).length),
    ],
    rows: [
      ['streams, in all', long.length, ''],
      ['requests on new connections, on connections used again', short.length, kept.length + rare.length],
      ['all three replaced in', took, 's'],
    ],
    notes: tellFailures([...long, ...short, ...kept, ...rare]),
  };
}

/** One after the other: the next one when the one before has ended, and another serves in its place. */
async function replaceAll(world: World, balancer: Balancer, traffic: Traffic) {
  const open: number[] = [];
  const codes: (number | null)[] = [];
  for (const [index, gateway] of [...world.gateways].entries()) {
    await traffic.untilOpen();
    open.push(traffic.open);
    gateway.signal('SIGTERM');
    codes.push(await gateway.ended);
    world.gateways[index] = await world.startGateway();
    balancer.use(world.gateways);
    await balancer.untilReady(GATEWAYS);
  }
  return { open, codes };
}

function none(label: string, answers: readonly Answer[]): Target {
  return exactly(0, `of ${answers.length}`, label, failures(answers).length);
}

/** A stream that is never over is ended at the limit, and told so. */
async function drillLimit(world: World): Promise<DrillResult> {
  const timeouts = { drainDelay: '0s', drain: `${SHORT_DRAIN}ms` };
  const { url, signal, ended } = await startShort(world, timeouts);
  const opened = Promise.withResolvers<void>();
  const asked = ask({ url, model: 'endless', isStreamed: true, maxTokens: 1e6, began: opened.resolve });
  await opened.promise;
  const from = performance.now();
  signal();
  const answer = await asked;
  const after = answer.endedAt - from;
  const code = await ended;
  const [last = ''] = answer.text.trimEnd().split('\n\n').slice(-1);
  return {
    targets: [
      atLeast(SHORT_DRAIN, 'ms', `a stream that outlives a drain of ${SHORT_DRAIN} ms is cut after`, after),
      atMost(CUT_WITHIN, 'ms', 'and not later than', after),
      exactly(1, 'event', 'its last event tells why', isErrorEvent(last) ? 1 : 0),
      exactly(0, 'code', 'the gateway ends with', code),
    ],
    rows: [],
    notes: [`the last event of the stream that was cut: ${last}`],
  };
}

async function startShort(world: World, timeouts: object) {
  const gateway = await world.startGateway({ gateway: { timeouts } });
  return { url: gateway.url, ended: gateway.ended, signal: () => gateway.signal('SIGTERM') };
}

function isErrorEvent(event: string): boolean {
  if (!event.startsWith('data: {')) return false;
  const { error } = JSON.parse(event.slice('data: '.length)) as { error?: { message?: string; code?: string } };
  return typeof error?.message === 'string' && typeof error.code === 'string';
}

/** Streams that stay open, one after the other in each place, and short requests of three habits. */
class Traffic {
  open = 0;
  private readonly url: string;
  private readonly streams: number;
  private readonly long: Promise<Answer[]>;
  private readonly short: Promise<Answer[]>;
  private readonly kept: Promise<Answer[]>;
  private readonly rare: Promise<Answer[]>;
  private isOver = false;

  constructor(url: string, streams: number, maxTokens: number) {
    this.url = url;
    this.streams = streams;
    this.long = this.many(streams, (place) => this.stream(place, maxTokens));
    this.short = this.many(3, () => this.repeat(PAUSE, null));
    this.kept = this.many(3, () => this.repeat(PAUSE, keepAlive()));
    this.rare = this.many(12, () => this.repeat(RARE_PAUSE, keepAlive()));
  }

  async untilOpen(): Promise<void> {
    while (this.open < this.streams) await sleep(PAUSE);
  }

  /** Nothing more is asked. */
  [Symbol.dispose](): void {
    this.isOver = true;
  }

  /** When all that is under way has ended. */
  async end() {
    this.isOver = true;
    const [long, short, kept, rare] = await Promise.all([this.long, this.short, this.kept, this.rare]);
    return { long, short, kept, rare };
  }

  private async many(count: number, run: (place: number) => Promise<Answer[]>): Promise<Answer[]> {
    return (await Promise.all(Array.from({ length: count }, (_, place) => run(place)))).flat();
  }

  /** The next one follows at once, on the same connection where that is still there. */
  private async stream(place: number, maxTokens: number): Promise<Answer[]> {
    const answers: Answer[] = [];
    const agent = keepAlive();
    await sleep(place * RAMP);
    while (!this.isOver) {
      let opened = 0;
      const began = (): void => void (this.open += opened = 1);
      answers.push(await ask({ url: this.url, model: 'long', isStreamed: true, maxTokens, agent, began }));
      this.open -= opened;
    }
    agent.destroy();
    return answers;
  }

  private async repeat(pause: Milliseconds, agent: Agent | null): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (; !this.isOver; await sleep(pause))
      answers.push(await ask({ url: this.url, model: 'm', maxTokens: 5, ...(agent === null ? {} : { agent }) }));
    agent?.destroy();
    return answers;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../../src/core/units.ts';
import { atMost, exactly, type Target } from '../report.ts';
import { ask, failures, tellFailures, type Answer } from './client.ts';
import type { DrillPlan, DrillResult } from './drill.ts';
import type { DrilledGateway } from './gateway.ts';
import { World } from './world.ts';

/** At each gateway; every request has a connection of its own, so that all workers are met. */
const ASKING = 2;
const PAUSE: Milliseconds = 5;
/** So many requests in turn, all by the new weight: the old one is gone, in every worker. */
const IN_TURN = 24;
const GIVEN_UP: Milliseconds = 60_000;

const ROLLOUT = {
  name: 'next',
  match: { model: 'm' },
  stable: { target: 'sim/old' },
  canary: { target: 'sim/new' },
  steps: ['50%', '100%'],
  step: { min: '10h', max: '100h' },
};

/** A weight that is set on one gateway holds on all within a second, while they serve. */
export async function drillWeights(plan: DrillPlan): Promise<DrillResult> {
  await using world = await World.open(plan.workers, { rollouts: [ROLLOUT] });
  using asking = new DisposableStack();
  const askers = world.gateways.map((gateway) => asking.use(new Asker(gateway)));
  const times: Milliseconds[] = [];
  const replies: Milliseconds[] = [];
  for (let change = 0; change < plan.changes; change++) {
    const weight = change % 2 === 0 ? 100 : 0;
    const setOn = world.gateways[change % world.gateways.length]!;
    const from = performance.now();
    const { status } = await setOn.admin('POST', '/api/v1/rollouts/next/set-weight', { weight });
    if (status !== 200) throw new Error(`set-weight is answered ${status}`);
    replies.push(performance.now() - from);
    const held = await Promise.all(askers.map((asker) => asker.heldSince(weight === 100 ? 'new' : 'old', from)));
    times.push(Math.max(...held) - from);
  }
  const answers = (await Promise.all(askers.map((asker) => asker.stop()))).flat();
  return {
    targets: [
      atMost(
        1_000,
        'ms',
        `set-weight on one: the new weight on all three, longest of ${plan.changes}`,
        Math.max(...times),
      ),
      failed(answers),
    ],
    rows: [
      [`set-weight to the new weight on all three, median`, median(times), 'ms'],
      ['of that the reply to set-weight, median and longest', median(replies), Math.max(...replies)],
      ['a request meanwhile, median and longest', median(answers.map(lasted)), Math.max(...answers.map(lasted))],
      ['requests meanwhile', answers.length, ''],
    ],
    notes: tellFailures(answers),
  };
}

function lasted({ sentAt, endedAt }: Answer): Milliseconds {
  return endedAt - sentAt;
}

function failed(answers: readonly Answer[]): Target {
  return exactly(0, 'requests', 'set-weight: failed meanwhile', failures(answers).length);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}

/** Asks one gateway all the time. */
class Asker implements Disposable {
  private readonly answers: Answer[] = [];
  private readonly asking: Promise<void>[];
  private readonly url: string;
  private isOver = false;
  private users = 0;

  constructor({ url }: DrilledGateway) {
    this.url = url;
    this.asking = Array.from({ length: ASKING }, () => this.ask());
  }

  /** When the first request had ended after which none was answered by another model. */
  async heldSince(model: string, from: Milliseconds): Promise<Milliseconds> {
    for (const until = from + GIVEN_UP; performance.now() < until; await sleep(PAUSE)) {
      const since = this.answers.filter(({ sentAt }) => sentAt >= from);
      const latestOther = since.findLastIndex((answer) => answer.model !== model);
      const first = since[latestOther + 1];
      if (first !== undefined && since.length - latestOther > IN_TURN) return first.endedAt;
    }
    return from + GIVEN_UP;
  }

  [Symbol.dispose](): void {
    this.isOver = true;
  }

  async stop(): Promise<readonly Answer[]> {
    this.isOver = true;
    await Promise.all(this.asking);
    return this.answers;
  }

  private async ask(): Promise<void> {
    for (; !this.isOver; await sleep(PAUSE))
      this.answers.push(await ask({ url: this.url, model: 'm', user: `user-${this.users++}`, maxTokens: 5 }));
  }
}

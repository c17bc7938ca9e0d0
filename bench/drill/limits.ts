import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../../src/core/units.ts';
import { atLeast, atMost, exactly, type Target } from '../report.ts';
import { ask, tellFailures, type Answer } from './client.ts';
import type { DrillPlan, DrillResult } from './drill.ts';
import type { DrilledGateway } from './gateway.ts';
import { GATEWAYS, PRICE, World } from './world.ts';

const REQUESTS = 100;
const TOKENS = 20_000;
const PLACES = 12;
const BUDGET_USD = 0.5;
const MAX_TOKENS = 20;
const RETRY_AFTER: Milliseconds = 500;
/** What a request of the drill reserves at most: its bytes as tokens, its output, and a little for each message. */
const LARGEST_TOKENS = 200;

const KEYS = [
  { name: 'requests', secret: 'sk-sluice-drill-requests', models: ['*'], limits: { requests: `${REQUESTS}/d` } },
  { name: 'tokens', secret: 'sk-sluice-drill-tokens', models: ['*'], limits: { tokens: `${TOKENS}/d` } },
  { name: 'places', secret: 'sk-sluice-drill-places', models: ['*'], limits: { concurrent: PLACES } },
  { name: 'budget', secret: 'sk-sluice-drill-budget', models: ['*'], budget: `${BUDGET_USD} USD/month` },
];

/** Limits hold for all gateways together, exactly. */
export async function drillLimits({ workers }: DrillPlan): Promise<DrillResult> {
  const simulated = { profiles: { slow: { ttft: { distribution: 'constant', medianMs: 1_500 } as const } } };
  const models = { m: { target: 'sim/m' }, slow: { target: 'sim/slow' } };
  await using world = await World.open(workers, { keys: KEYS, models }, simulated);
  const parts: DrillResult[] = [];
  askedAgain = 0;
  for (const drill of [drillRequests, drillTokens, drillPlaces, drillBudget]) parts.push(await drill(world));
  return {
    targets: parts.flatMap(({ targets }) => targets),
    rows: [
      ...parts.flatMap(({ rows }) => rows),
      ['requests that Redis was too late to count: 503, asked again', askedAgain, ''],
    ],
    notes: parts.flatMap(({ notes }) => notes),
  };
}

async function drillRequests(world: World): Promise<DrillResult> {
  const answers = await askAll(world, 'requests', 3 * REQUESTS);
  return {
    targets: [
      exactly(REQUESTS, 'requests', `requests: ${REQUESTS}/d, passed of ${answers.length} at once`, passed(answers)),
      others(answers, 'requests'),
    ],
    rows: [],
    notes: tellFailures(strange(answers)),
  };
}

async function drillTokens(world: World): Promise<DrillResult> {
  const before = world.simulator.stats();
  const answers = await untilRefused(world, 'tokens');
  const after = world.simulator.stats();
  const used = after.inputTokens - before.inputTokens + after.outputTokens - before.outputTokens;
  return {
    targets: [
      atMost(TOKENS, 'tokens', `tokens: ${TOKENS}/d, used at the provider`, used),
      // What flows off meanwhile is some tokens: a request that is refused found less than it reserves.
      atLeast(TOKENS - LARGEST_TOKENS, 'tokens', `tokens: ${TOKENS}/d, none left that a request had room in`, used),
      others(answers, 'tokens'),
    ],
    rows: [['requests that shared the tokens', passed(answers), '']],
    notes: tellFailures(strange(answers)),
  };
}

async function drillPlaces(world: World): Promise<DrillResult> {
  const together = await askAll(world, 'places', 5 * PLACES, 'slow');
  const again = await askAll(world, 'places', 5 * PLACES, 'slow');
  return {
    targets: [
      exactly(PLACES, 'requests', `concurrent: ${PLACES}, passed of ${together.length} at once`, passed(together)),
      exactly(PLACES, 'requests', 'concurrent: the same once they have ended', passed(again)),
      others([...together, ...again], 'concurrent'),
    ],
    rows: [],
    notes: tellFailures(strange([...together, ...again])),
  };
}

async function drillBudget(world: World): Promise<DrillResult> {
  const before = world.simulator.stats();
  const answers = await untilRefused(world, 'budget');
  const after = world.simulator.stats();
  const input = after.inputTokens - before.inputTokens;
  const output = after.outputTokens - before.outputTokens;
  const bill = (input * PRICE.input + output * PRICE.output) / 1e6;
  const left = await Promise.all(
    world.gateways.map(async (gateway) =>
      (await gateway.metrics()).sum('sluice_budget_remaining_usd', { key: 'budget' }),
    ),
  );
  const largest = ((LARGEST_TOKENS - MAX_TOKENS) * PRICE.input + MAX_TOKENS * PRICE.output) / 1e6;
  const wrong = Math.max(...left.map((each) => Math.abs(BUDGET_USD - bill - each)));
  return {
    targets: [
      atMost(BUDGET_USD, 'USD', `budget: ${BUDGET_USD} USD, the provider's bill`, bill),
      atLeast(BUDGET_USD - largest, 'USD', `budget: ${BUDGET_USD} USD, none left that a request had room in`, bill),
      atMost(1e-9, 'USD', 'budget: what the three gateways say is left, against the bill', wrong),
      others(answers, 'budget'),
    ],
    rows: [['requests that shared the budget', passed(answers), '']],
    notes: tellFailures(strange(answers)),
  };
}

function askAll(world: World, key: string, count: number, model = 'm'): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => askOne(world, key, index, model)));
}

/** At all gateways at once, until each of them has refused some in turn: what comes back of reservations is used too. */
async function untilRefused(world: World, key: string): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (;;) {
    const round = await askAll(world, key, 20 * GATEWAYS);
    answers.push(...round);
    await settled(world);
    if (passed(round) === 0 && strange(round).length === 0) return answers;
  }
}

/** All that was reserved has been settled, also what a gateway owes that had no answer of Redis in time. */
async function settled({ gateways }: World): Promise<void> {
  for (const gateway of gateways) while (!(await isSettled(gateway))) await sleep(10);
}

async function isSettled(gateway: DrilledGateway): Promise<boolean> {
  const metrics = await gateway.metrics();
  return metrics.sum('sluice_inflight_requests') === 0 && metrics.sum('sluice_counters_up') === 1;
}

/** Where Redis is too late to count, on a busy machine, the caller is told to try again: so it does, and that is told. */
async function askOne({ gateways }: World, key: string, index: number, model: string): Promise<Answer> {
  const { url } = gateways[index % gateways.length]!;
  const question = { url, model, key: `sk-sluice-drill-${key}`, isStreamed: index % 2 === 0, maxTokens: MAX_TOKENS };
  for (;;) {
    const answer = await ask(question);
    if (answer.status !== 503) return answer;
    askedAgain++;
    await sleep(RETRY_AFTER);
  }
}

let askedAgain = 0;

function passed(answers: readonly Answer[]): number {
  return answers.filter(({ status, isWhole }) => status === 200 && isWhole).length;
}

/** What is no answer of a limit. */
function strange(answers: readonly Answer[]): readonly Answer[] {
  return answers.filter(({ status, isWhole }) => !isWhole || (status !== 200 && status !== 429));
}

function others(answers: readonly Answer[], limit: string): Target {
  return exactly(0, 'requests', `${limit}: neither passed nor refused with 429`, strange(answers).length);
}

/** One of many gateways that reserve and settle as fast as they can; prints what it was given. */
import { parseArgs } from 'node:util';
import { type Claim, CountersUnavailableError } from '../../src/core/counters.ts';
import { openCounters } from '../../src/counters/open-counters.ts';
import { systemClock } from '../../src/core/clock.ts';

/** What one process did. */
export interface HammerReport {
  readonly places: number;
  readonly rate: number;
  /** Of the budget that is reserved and never settled. */
  readonly reserved: number;
  /** Of the budget that is settled. */
  readonly spent: number;
}

const HOUR = 3_600_000;
const WINDOW = { kind: 'rolling', length: 24 * HOUR, parts: 24 } as const;

/** Limits that all processes together reach long before they are through. */
export const HAMMERED = {
  places: { kind: 'place', counter: 'hammered', limit: 50 },
  rate: { kind: 'rate', counter: 'hammered', limit: 1000, per: 30 * 24 * HOUR, amount: 3 },
  reserved: { kind: 'budget', counter: 'hammered', limit: 1_000_000_007, amount: 1_234_567, window: WINDOW },
  spent: { kind: 'budget', counter: 'settled', limit: 1_000_000_007, amount: 1_234_567, window: WINDOW },
} as const satisfies Record<string, Claim>;

const AT_ONCE = 8;
const TURNS = 25;
const MAX_ATTEMPTS = 100;

async function hammer(url: string, name: string): Promise<HammerReport> {
  const counters = openCounters(url, systemClock);
  const report = { places: 0, rate: 0, reserved: 0, spent: 0 };
  const take = async (kind: keyof HammerReport, turn: string): Promise<void> => {
    const reservation = { id: `${name}/${kind}/${turn}`, claims: [HAMMERED[kind]], expiresIn: HOUR };
    if (!(await untilHeard(() => counters.reserve(reservation))).isGranted) return;
    if (kind !== 'spent') return void report[kind]++;
    const actual = (report.spent * 7 + 13) % HAMMERED.spent.amount;
    await untilHeard(() => counters.settle(reservation, [actual]));
    report.spent += actual;
  };
  for (let turn = 0; turn < TURNS; turn++) {
    const kinds = Object.keys(HAMMERED) as (keyof HammerReport)[];
    const lanes = Array.from({ length: AT_ONCE }, (_, lane) => lane);
    await Promise.all(lanes.flatMap((lane) => kinds.map((kind) => take(kind, `${turn}-${lane}`))));
  }
  await counters.close();
  return report;
}

/** On a machine that is short of time a reply may be late: what was taken then is not taken again. */
async function untilHeard<T>(call: () => T | Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof CountersUnavailableError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

if (import.meta.main) {
  const [url, name] = parseArgs({ allowPositionals: true }).positionals;
  process.stdout.write(JSON.stringify(await hammer(url!, name!)));
}

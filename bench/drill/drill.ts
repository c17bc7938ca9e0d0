import type { Milliseconds } from '../../src/core/units.ts';
import { exactly, formatTarget, type Cell, type SuiteReport, type Target } from '../report.ts';
import type { Settings } from '../settings.ts';

/** How much of a drill is done. */
export interface DrillPlan {
  /** Of each gateway; 1: one process. */
  readonly workers: number;
  readonly changes: number;
  readonly kills: number;
  /** How Postgres goes away, and for how long. */
  readonly outages: readonly { readonly how: 'stopped' | 'killed' | 'frozen'; readonly time: Milliseconds }[];
  readonly streams: number;
  readonly streamLasts: Milliseconds;
}

export interface DrillResult {
  readonly targets: readonly Target[];
  readonly rows: readonly (readonly Cell[])[];
  readonly notes: readonly string[];
}

const FULL: Omit<DrillPlan, 'workers'> = {
  changes: 30,
  kills: 3,
  outages: [
    { how: 'stopped', time: 60_000 },
    { how: 'killed', time: 20_000 },
    { how: 'frozen', time: 20_000 },
  ],
  streams: 200,
  streamLasts: 30_000,
};

const QUICK: Omit<DrillPlan, 'workers'> = {
  changes: 10,
  kills: 1,
  outages: [{ how: 'stopped', time: 20_000 }],
  streams: 60,
  streamLasts: 8_000,
};

type Drill = (plan: DrillPlan) => Promise<DrillResult>;

/** What is loaded when it runs needs servers that are not ours. */
const DRILLS: Readonly<Record<string, { readonly workers: readonly number[]; load(): Promise<Drill> }>> = {
  weights: { workers: [1, 2], load: async () => (await import('./weights.ts')).drillWeights },
  limits: { workers: [1, 2], load: async () => (await import('./limits.ts')).drillLimits },
  leader: { workers: [1], load: async () => (await import('./leader.ts')).drillLeader },
  outage: { workers: [1], load: async () => (await import('./outage.ts')).drillOutage },
  rolling: { workers: [1, 2], load: async () => (await import('./rolling.ts')).drillRolling },
};

export const DRILL_NAMES = Object.keys(DRILLS);

/** What operators are promised of three gateways on one Postgres and one Redis, tried on real processes. */
export async function runDrills({ isQuick, drills }: Settings): Promise<SuiteReport> {
  const results: { readonly drill: string; readonly result: DrillResult }[] = [];
  for (const name of drills) {
    const { workers: all, load } = DRILLS[name]!;
    for (const workers of all) {
      const drill = workers === 1 ? name : `${name}, ${workers} workers`;
      const result = await (await load())({ workers, ...(isQuick ? QUICK : FULL) }).catch(failed);
      results.push({ drill, result });
      // What takes so long is told as it goes on.
      console.error([`drill: ${drill} is done`, ...result.targets.map(formatTarget), ...result.notes].join('\n  '));
    }
  }
  return {
    suite: 'drill',
    targets: results.flatMap(({ drill, result }) => result.targets.map((target) => named(drill, target))),
    columns: ['drill', 'figure', '', ''],
    rows: results.flatMap(({ drill, result }) => result.rows.map((row) => [drill, ...row])),
    notes: results.flatMap(({ drill, result }) => result.notes.map((note) => `${drill}: ${note}`)),
    rounds: results,
  };
}

/** The others go on. */
function failed(error: unknown): DrillResult {
  const message = error instanceof Error ? error.message : String(error);
  return { targets: [exactly(0, 'errors', 'the drill itself', 1)], rows: [], notes: [message] };
}

function named(drill: string, target: Target): Target {
  return { ...target, label: `${drill}: ${target.label}` };
}

/**
 * `npm run bench -- [suite...] [--quick] [--rounds N] [--json PATH]`: what the gateway costs, compared in one run, since
 * figures of different machines and moments compare badly.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { DRILL_NAMES, runDrills } from './drill/drill.ts';
import { LOAD_TOOL } from './load.ts';
import { choosePinning, describeMachine } from './machine.ts';
import { PATH_NAMES, type PathName } from './paths.ts';
import { runProxySuite } from './proxy.ts';
import { type Run, type SuiteReport, formatReport, verdict } from './report.ts';
import { FULL, QUICK, type Settings } from './settings.ts';
import { runStreamsSuite } from './streams.ts';

const USAGE = `usage: npm run bench -- [proxy] [streams] [redact] [judge] [counters] [policy] [translate] [records] [all] [drill] [options]
  --quick              about a minute a suite instead of two or three
  --rounds N           rounds of every suite
  --json PATH          also write all results into one file
  --paths a,b          only these of ${PATH_NAMES.join(', ')}
  --drills a,b         only these of ${DRILL_NAMES.join(', ')}
  --memory-requests N  last reading of resident memory (streams suite; 300000, with --quick 60000)`;

const SUITES = ['proxy', 'streams', 'redact', 'judge', 'counters', 'policy', 'translate', 'records'] as const;
/** No comparison, and none of `all`: it needs a Postgres and a Redis, and fails where a promise is not kept. */
const DRILL = 'drill';
type SuiteName = (typeof SUITES)[number] | typeof DRILL;

const RESULTS = join(import.meta.dirname, 'results');
const pinning = choosePinning();
const { suites, settings, jsonPath } = readArguments();
const run: Run = {
  startedAt: new Date().toISOString(),
  machine: describeMachine(),
  loadTool: LOAD_TOOL,
  pinning,
  settings,
};

// What needs no server is loaded when it runs: its code is the gateway's own, and no concern of the other suites.
const runners: Record<SuiteName, () => Promise<SuiteReport>> = {
  proxy: () => runProxySuite(settings, pinning),
  streams: () => runStreamsSuite(settings, pinning),
  redact: async () => (await import('./redact.ts')).run(settings),
  judge: async () => (await import('./judge.ts')).run(settings),
  counters: async () => (await import('./counters.ts')).run(settings),
  policy: async () => (await import('./policy.ts')).run(settings),
  translate: async () => (await import('./translate.ts')).run(settings),
  records: async () => (await import('./records.ts')).run(settings),
  drill: () => runDrills(settings),
};

try {
  await runSuites();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function runSuites(): Promise<void> {
  const results: object[] = [];
  for (const suite of suites) {
    const report = await runners[suite]();
    console.log(formatReport(run, report));
    if (suite === DRILL && report.targets.some((target) => verdict(target) !== 'met')) process.exitCode = 1;
    const targets = report.targets.map((target) => ({ ...target, verdict: verdict(target) }));
    results.push({ ...run, ...report, targets });
    writeJson(join(RESULTS, `${run.startedAt.replaceAll(':', '-')}-${suite}.json`), results.at(-1));
  }
  if (jsonPath !== null) writeJson(jsonPath, results);
}

function readArguments(): { suites: readonly SuiteName[]; settings: Settings; jsonPath: string | null } {
  try {
    return parse();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      json: { type: 'string' },
      paths: { type: 'string', default: PATH_NAMES.join(',') },
      drills: { type: 'string', default: DRILL_NAMES.join(',') },
      'memory-requests': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const durations = values.quick ? QUICK : FULL;
  const rounds = values.rounds === undefined ? null : count(values.rounds, '--rounds');
  const memoryTo = values['memory-requests'];
  const settings: Settings = {
    ...durations,
    isQuick: values.quick,
    proxyRounds: rounds ?? durations.proxyRounds,
    streamRounds: rounds ?? durations.streamRounds,
    memoryTo: memoryTo === undefined ? durations.memoryTo : count(memoryTo, '--memory-requests'),
    paths: values.paths.split(',').map(toPathName),
    drills: values.drills.split(',').map(toDrillName),
  };
  return { suites: toSuites(positionals), settings, jsonPath: values.json ?? null };
}

function toSuites(names: readonly string[]): readonly SuiteName[] {
  if (names.includes('all')) return SUITES;
  const known = [...SUITES, DRILL] as const;
  const unknown = names.find((name) => !known.some((suite) => suite === name));
  if (unknown !== undefined) throw new Error(`no suite is called ${unknown}`);
  return names.length === 0 ? ['proxy'] : known.filter((suite) => names.includes(suite));
}

function toDrillName(name: string): string {
  if (!DRILL_NAMES.includes(name)) throw new Error(`no drill is called ${name}`);
  return name;
}

function toPathName(text: string): PathName {
  const name = PATH_NAMES.find((name) => name === text);
  if (name === undefined) throw new Error(`no path is called ${text}`);
  return name;
}

function count(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${option} takes a whole number from 1, got ${text}`);
  return value;
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findPrometheus, type InstalledPrometheus } from '../../scripts/prometheus-server.ts';
import { RULES, startRecording, type ActiveAlert, type Recorded, type Series } from './prometheus.ts';
import { queriesOf, readDashboards, readRules, type NamedQuery } from './queries.ts';
import { promtool, replayTest, writeTest } from './promtool.ts';
import { openWorld, type World } from './world.ts';

/**
 * A hundred thousand new objects would have to wait for a store, twenty thousand records for a disk; and a route's own past is learnt so fast here that a busy
 * machine may take the change for a part of it. Shown by tests of promtool alone.
 */
const NOT_IN_A_MINUTE = new Set(['SluiceObjectsLost', 'SluiceRecordsDropped', 'SluiceRegression']);
/** What other work on this machine may do to a gateway that is well; a scrape that is late is both of the last two, here where each is an installation of one. */
const OF_THE_MACHINE = new Set(['SluiceEventLoopLag', 'SluiceOverheadBurn', 'SluiceGatewayDown', 'SluiceAbsent']);
/** Gauges of the client library, one that was called a total and can fall, and one that tells quantiles that it measured itself. */
const NAMED_OTHERWISE = new Set([
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
  'sluice_feedback_value_total',
  'sluice_event_loop_lag_seconds',
]);
const BURN_RATES = fileURLToPath(new URL('burn-rates.promtool.yaml', import.meta.url));
const ASKED_EVERY = 2_000;
/** Half a minute is enough where the machine has nothing else to do; where it has, alerts that want ten requests wait for them. */
const LONGEST = 100_000;

const installed = findPrometheus();
if (typeof installed === 'string') process.stderr.write(`SKIPPED: dashboards and alert rules: ${installed}\n`);

const rules = readRules();
const alertNames = [...new Set(rules.flatMap(({ alert }) => alert ?? []))].filter(
  (name) => !NOT_IN_A_MINUTE.has(name) && name !== 'SluiceAbsent',
);

describe.skipIf(typeof installed === 'string')('a live scrape', () => {
  const opened = new AsyncDisposableStack();
  const annotations: ActiveAlert[] = [];
  const scrapes = new Map<string, string>();
  let world: World;
  let recorded: Recorded;
  let inOpenMetrics: string;
  let empty: readonly NamedQuery[];
  let silent: readonly string[];

  beforeAll(async () => {
    if (typeof installed === 'string') return;
    world = await openWorld(opened);
    recorded = await startRecording(opened, installed, world.folder, [
      { job: 'sluice-busy', gateway: world.busy, namespace: 'prod' },
      { job: 'sluice-storeless', gateway: world.storeless },
      { job: 'sluice-crowded', gateway: world.crowded },
      { job: 'sluice-several', gateway: world.several },
      { job: 'sluice-healthy', gateway: world.healthy },
      { job: 'sluice-down', gateway: null },
    ]);
    while ((await recorded.range('count_over_time(sluice_build_info[1m]) >= 2')).length < 5) await sleep(200);
    world.run();
    const until = performance.now() + LONGEST;
    empty = readDashboards().flatMap(queriesOf);
    do {
      await sleep(ASKED_EVERY);
      silent = await silentAlerts(recorded);
      empty = await emptyOnes(recorded, empty);
    } while ((silent.length > 0 || empty.length > 0) && performance.now() < until);
    annotations.push(...(await recorded.alerts()).alerts);
    for (const { name, adminUrl } of [world.busy, world.storeless, world.crowded, world.several, world.healthy])
      scrapes.set(name, await (await fetch(`${adminUrl}/metrics`)).text());
    const headers = { accept: 'application/openmetrics-text;version=1.0.0' };
    inOpenMetrics = await (await fetch(`${world.healthy.adminUrl}/metrics`, { headers })).text();
    world.stop();
  }, 240_000);

  afterAll(() => opened.disposeAsync());

  it('has data for every query of every dashboard', () => {
    expect(empty.map(({ where, expr }) => `${where}: ${expr}`)).toEqual([]);
  });

  it('makes every alert begin whose cause can be brought about', () => {
    expect(silent).toEqual([]);
  });

  it('has data for every recording rule', async () => {
    const records = rules.flatMap(({ record }) => record ?? []);
    expect(
      await emptyOnes(
        recorded,
        records.map((expr) => ({ where: expr, expr })),
      ),
    ).toEqual([]);
  });

  it('lets no alert begin at a gateway that is well', async () => {
    const begun = await recorded.range('ALERTS{job="sluice-healthy"}');
    const names = begun.map(({ metric }) => metric['alertname']!).filter((name) => !OF_THE_MACHINE.has(name));
    expect(names).toEqual([]);
  });

  it('has values for every choice at the top of a dashboard', async () => {
    const definitions = readDashboards().flatMap(({ templating }) =>
      templating.list.flatMap((each) => each.definition ?? []),
    );
    const asked = definitions.map((each) => /^label_values\((\w+), (\w+)\)$/.exec(each)!);
    const found = await Promise.all(asked.map(([, metric, label]) => recorded.labelValues(label!, metric!)));
    expect(found.map((values, index) => `${definitions[index]}: ${values.length > 0}`)).toEqual(
      definitions.map((each) => `${each}: true`),
    );
  });

  it('fills in what alerts say', () => {
    expect(annotations.length).toBeGreaterThan(alertNames.length);
    const absent = annotations.filter(({ labels }) => labels['alertname'] === 'SluiceAbsent');
    expect(absent.filter(({ labels }) => labels['job'] === undefined)).toEqual([]);
    for (const { labels, annotations: told } of annotations)
      for (const text of Object.values(told))
        expect([labels['alertname'], /<no value>|<error|%!|\{\{|NaN/.test(text) ? text : 'filled in']).toEqual([
          labels['alertname'],
          'filled in',
        ]);
  });

  it('is text that promtool has nothing new to say against', () => {
    for (const [name, text] of scrapes) {
      const said = promtool(installed as InstalledPrometheus, ['check', 'metrics'], text).split('\n');
      const names = new Set(said.flatMap((line) => /^\w+/.exec(line) ?? []));
      expect([name, [...names].filter((each) => !NAMED_OTHERWISE.has(each))]).toEqual([name, []]);
    }
  });

  it('is taken by Prometheus in the format that has examples, and leads from a histogram to a trace', async () => {
    const [series] = await recorded.exemplars('sluice_request_duration_seconds_bucket{job="sluice-healthy"}');
    expect(series!.exemplars[0]!.labels).toMatchObject({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    });
    expect(inOpenMetrics).toContain(' # {trace_id="');
    expect(inOpenMetrics.endsWith('\n# EOF\n')).toBe(true);
  });

  it('is the same in both formats', () => {
    const names = (text: string): Set<string> =>
      new Set([...text.matchAll(/^([a-z]\w+)(?:\{| )/gm)].map(([, name]) => name!));
    expect(names(inOpenMetrics)).toEqual(names(scrapes.get('healthy')!));
  });

  it('brings the same alerts about when promtool plays it back', async () => {
    const exprs = rules.map(({ expr }) => expr);
    const file = writeTest(world.folder, await replayTest(recorded, exprs, alertNames));
    expect(promtool(installed as InstalledPrometheus, ['test', 'rules', file])).toBe('');
  });

  it('says so when no gateway answers any more', async () => {
    world.kill();
    const active = async () => (await recorded.alerts()).alerts.map(({ labels }) => labels['alertname']);
    await vi.waitFor(async () => expect(await active()).toContain('SluiceAbsent'), { timeout: 15_000, interval: 250 });
  });
});

describe.skipIf(typeof installed === 'string')('the rules', () => {
  const tools = installed as InstalledPrometheus;

  it('are a valid file of rules', () => {
    expect(promtool(tools, ['check', 'rules', '--lint=all', '--lint-fatal', RULES])).toBe('');
  });

  it('burn budgets over hours, and leave people alone otherwise', () => {
    expect(promtool(tools, ['test', 'rules', BURN_RATES])).toBe('');
  });
});

async function silentAlerts(recorded: Recorded): Promise<string[]> {
  const begun = new Set((await recorded.range('ALERTS')).map(({ metric }) => metric['alertname']));
  return alertNames.filter((name) => !begun.has(name));
}

async function emptyOnes(recorded: Recorded, queries: readonly NamedQuery[]): Promise<NamedQuery[]> {
  const answers = await Promise.all(queries.map(({ expr }) => recorded.range(expr)));
  return queries.filter((_, index) => !hasData(answers[index]!));
}

const hasData = (found: readonly Series[]): boolean =>
  found.some(({ values }) => values.some(([, value]) => Number.isFinite(Number(value))));

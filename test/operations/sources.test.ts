import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/record/metric-definitions.ts';
import { readDashboards, readRules, type GrafanaPanel } from './queries.ts';

const dashboards = readDashboards();
const rules = readRules();
const panels = dashboards.flatMap(({ uid, panels: all }) => all.map((panel) => ({ uid, panel })));
const recorded = new Set(rules.flatMap(({ record }) => record ?? []));

const exprs = [
  ...rules.map(({ alert, record, expr }) => ({ where: alert ?? record!, expr })),
  ...panels.flatMap(({ uid, panel }) =>
    (panel.targets ?? []).map(({ expr }) => ({ where: `${uid}: ${panel.title}`, expr })),
  ),
];

/** What a scrape and the rules themselves add. */
const EVERYWHERE = new Set(['namespace', 'job', 'instance', 'le', 'alertname', 'alertstate']);

function labelsOf(metric: string): ReadonlySet<string> | null {
  const name = metric.replace(/_(?:bucket|sum|count)$/, '');
  const definition = Object.values(METRICS).find((each) => each.name === metric || each.name === name);
  return definition === undefined ? null : new Set<string>(definition.labels);
}

describe('the queries of dashboards and alert rules', () => {
  it.each(exprs)('ask for metrics that there are: $where', ({ expr }) => {
    for (const [metric] of expr.matchAll(/\bsluice_[a-z_]+/g))
      expect([metric, labelsOf(metric)]).not.toEqual([metric, null]);
    for (const [record] of expr.matchAll(/\bsluice:\w+:\w+/g)) expect([...recorded]).toContain(record);
  });

  it.each(exprs)('ask for labels that their metrics have: $where', ({ expr }) => {
    for (const [, metric = '', matchers = ''] of expr.matchAll(/\b(sluice_[a-z_]+)\{([^}]*)\}/g))
      for (const [, label = ''] of matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g))
        expect([metric, label, EVERYWHERE.has(label) || labelsOf(metric)!.has(label)]).toEqual([metric, label, true]);
  });
});

describe('the alert rules', () => {
  it.each(rules.filter(({ alert }) => alert !== undefined))(
    'say how urgent, what and how much: $alert $labels',
    (rule) => {
      const { annotations = {}, labels = {} } = rule;
      expect(['page', 'ticket']).toContain(labels['severity']);
      expect(annotations['summary']).toMatch(/^\S.+[^.]$/);
      expect(annotations['description']).toMatch(/^\S.+\.$/);
      expect(annotations['runbook_url']).toMatch(/^https:\/\/.+\/runbook\/[a-z-]+\.md$/);
    },
  );

  it('page only for what lasts', () => {
    const pages = rules.filter(({ labels }) => labels?.['severity'] === 'page');
    expect(pages.filter((rule) => rule.for === undefined).map(({ alert }) => alert)).toEqual(['SluiceAuditLost']);
  });
});

describe('the dashboards', () => {
  it('have names and ids of their own', () => {
    for (const key of ['uid', 'title'] as const) expect(new Set(dashboards.map((each) => each[key])).size).toBe(6);
    for (const { panels: all } of dashboards) expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it.each(dashboards.map(({ uid, panels: all }) => ({ uid, all })))('lay panels beside each other: $uid', ({ all }) => {
    for (const [index, one] of all.entries()) {
      expect(one.gridPos.x + one.gridPos.w).toBeLessThanOrEqual(24);
      for (const other of all.slice(index + 1)) expect([one.title, other.title, overlap(one, other)]).toContain(false);
    }
  });

  it('tell of each panel what it shows, in which unit', () => {
    for (const { uid, panel } of panels.filter(({ panel: { type } }) => type !== 'row')) {
      const told = [panel.description?.length ?? 0, panel.fieldConfig?.defaults.unit, panel.targets?.length ?? 0];
      expect([uid, panel.title, ...told]).not.toContain(0);
      expect([uid, panel.title, panel.fieldConfig?.defaults.unit]).not.toContain(undefined);
    }
  });
});

function overlap({ gridPos: one }: GrafanaPanel, { gridPos: other }: GrafanaPanel): boolean {
  const inX = one.x < other.x + other.w && other.x < one.x + one.w;
  const inY = one.y < other.y + other.h && other.y < one.y + one.h;
  return inX && inY;
}

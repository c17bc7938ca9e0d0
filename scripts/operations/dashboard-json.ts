import type { Dashboard, Panel, Query, Row, Variable } from './panel.ts';
import { grown } from './rule.ts';
import type { Runbook } from './runbook.ts';

/** @source https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ of Grafana 11 */
const SCHEMA_VERSION = 39;
const COLUMNS = 24;
const HEIGHTS: Readonly<Record<Panel['kind'], number>> = {
  timeseries: 8,
  stat: 4,
  table: 8,
  'state-timeline': 8,
  heatmap: 8,
  bargauge: 8,
};
const SOURCE = { type: 'prometheus', uid: '${datasource}' };
const COMMON: readonly Variable[] = [
  { name: 'namespace', label: 'Namespace', of: 'sluice_build_info' },
  { name: 'job', label: 'Job', of: 'sluice_build_info' },
  { name: 'instance', label: 'Gateway', of: 'sluice_build_info' },
];

export function dashboardJson(dashboard: Dashboard, runbook: Runbook): string {
  return `${JSON.stringify(toGrafana(dashboard, runbook), null, 2)}\n`;
}

function toGrafana({ uid, title, about, variables, rows }: Dashboard, runbook: Runbook) {
  return {
    uid,
    title,
    description: about,
    tags: ['sluice'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1, // a shared crosshair
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    links: [dashboardsLink(), runbookLink(runbook)],
    annotations: { list: [decisions()] },
    templating: { list: [datasource(), ...[...COMMON, ...variables].map(variable)] },
    panels: layOut(rows, runbook),
  };
}

function dashboardsLink() {
  const link = { type: 'dashboards', title: 'Sluice', tags: ['sluice'], asDropdown: true, icon: 'external link' };
  return { ...link, includeVars: true, keepTime: true, targetBlank: false, tooltip: '', url: '' };
}

const runbookLink = ({ index }: Runbook) => pageLink('Runbook', index);

function pageLink(title: string, url: string) {
  const link = { type: 'link', title, url, icon: 'doc', targetBlank: true, tooltip: '' };
  return { ...link, tags: [], asDropdown: false, includeVars: false, keepTime: false };
}

/** What the controller did, on every graph. */
function decisions() {
  return {
    name: 'Decisions on rollouts',
    datasource: SOURCE,
    enable: true,
    iconColor: 'purple',
    expr: `sum by (rollout, decision, reason) (${grown('sluice_rollout_decisions_total{namespace=~"$namespace", job=~"$job"}', '1m')})`,
    titleFormat: '{{rollout}}: {{decision}}',
    textFormat: '{{reason}}',
    step: '60s',
  };
}

function datasource() {
  const choice = { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' };
  return {
    ...choice,
    current: { text: '', value: '' },
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    refresh: 1,
    regex: '',
  };
}

/** `.*` also takes series that lack the label, as outside of Kubernetes those of namespaces do. */
function variable({ name, label, of }: Variable) {
  const query = `label_values(${of}, ${name})`;
  return {
    name,
    label,
    type: 'query',
    datasource: SOURCE,
    definition: query,
    query: { qryType: 1, query, refId: `variable-${name}` },
    current: { selected: true, text: ['All'], value: ['$__all'] },
    allValue: '.*',
    includeAll: true,
    multi: true,
    hide: 0,
    options: [],
    refresh: 2, // when the time range changes
    regex: '',
    sort: 1,
  };
}

/** From left to right, wrapping; ids count through the whole dashboard. */
function layOut(rows: readonly Row[], runbook: Runbook): unknown[] {
  const laid: unknown[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const place = { h: 1, w: COLUMNS, x: 0, y };
    laid.push({ id: laid.length + 1, type: 'row', title, collapsed: false, gridPos: place, panels: [] });
    y++;
    let x = 0;
    let lineHeight = 0;
    for (const panel of panels) {
      const w = panel.width ?? 8;
      const h = HEIGHTS[panel.kind];
      if (x + w > COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0];
      laid.push(toPanel(panel, laid.length + 1, { h, w, x, y }, runbook));
      x += w;
      lineHeight = Math.max(lineHeight, h);
    }
    y += lineHeight;
  }
  return laid;
}

function toPanel(panel: Panel, id: number, gridPos: object, runbook: Runbook) {
  const { kind, title, description, queries, alert } = panel;
  return {
    id,
    type: kind,
    title,
    description: alert === undefined ? description : `${description}\n\nAlert: [${alert}](${runbook.page(alert)})`,
    datasource: SOURCE,
    gridPos,
    links: alert === undefined ? [] : [pageLink(`${alert}: what to do`, runbook.page(alert))],
    targets: queries.map((query, index) => toTarget(query, index, kind)),
    fieldConfig: { defaults: fieldDefaults(panel), overrides: [] },
    options: optionsOf(panel),
    ...(kind === 'table' ? { transformations: [TABLE] } : {}),
  };
}

/** The time of an instant query says nothing. */
const TABLE = { id: 'organize', options: { excludeByName: { Time: true }, indexByName: {}, renameByName: {} } };

function toTarget({ expr, legend = '' }: Query, index: number, kind: Panel['kind']) {
  const isInstant = kind === 'table' || kind === 'bargauge';
  const format = kind === 'table' ? 'table' : kind === 'heatmap' ? 'heatmap' : 'time_series';
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: SOURCE,
    editorMode: 'code',
    expr,
    format,
    instant: isInstant,
    range: !isInstant,
    legendFormat: legend === '' ? '__auto' : legend,
  };
}

function fieldDefaults({ kind, unit, thresholds, max, words, isStacked = false }: Panel) {
  const steps = (thresholds ?? [{ from: null, colour: 'green' }]).map(({ from, colour }) => ({
    color: colour,
    value: from,
  }));
  const isGraph = kind === 'timeseries';
  return {
    unit,
    ...(isGraph ? { min: unit === 'none' || unit === 'percentunit' ? undefined : 0 } : {}),
    ...(max === undefined ? {} : { max }),
    color: {
      mode: isGraph && thresholds === undefined ? 'palette-classic' : isGraph ? 'palette-classic' : 'thresholds',
    },
    thresholds: { mode: 'absolute', steps },
    mappings: words === undefined ? [] : [{ type: 'value', options: wordOptions(words) }],
    custom: isGraph ? graphStyle(isStacked, thresholds !== undefined) : kind === 'state-timeline' ? STATE_STYLE : {},
  };
}

const STATE_STYLE = { fillOpacity: 80, lineWidth: 0 };

function wordOptions(words: Readonly<Record<number, string>>) {
  return Object.fromEntries(Object.entries(words).map(([value, text], index) => [value, { text, index }]));
}

function graphStyle(isStacked: boolean, hasThresholds: boolean) {
  return {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: isStacked ? 40 : 8,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: hasThresholds ? 'dashed' : 'off' },
  };
}

const LAST = { calcs: ['lastNotNull'], fields: '', values: false };

function optionsOf({ kind }: Panel) {
  if (kind === 'stat')
    return { reduceOptions: LAST, colorMode: 'value', graphMode: 'area', textMode: 'auto', justifyMode: 'auto' };
  if (kind === 'bargauge')
    return { reduceOptions: LAST, displayMode: 'basic', orientation: 'horizontal', showUnfilled: true };
  if (kind === 'table') return { showHeader: true, cellHeight: 'sm' };
  if (kind === 'state-timeline')
    return {
      showValue: 'auto',
      mergeValues: true,
      rowHeight: 0.9,
      legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
    };
  if (kind === 'heatmap')
    return {
      calculate: false,
      yAxis: { unit: 'short' },
      color: { mode: 'scheme', scheme: 'Oranges', steps: 64, fill: 'orange', exponent: 0.5, reverse: false },
      tooltip: { mode: 'single', yHistogram: false },
    };
  return {
    legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['mean', 'max'] },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
}

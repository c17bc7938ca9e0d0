import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { RULES } from './prometheus.ts';

const DASHBOARDS = fileURLToPath(new URL('../../helm/sluice/dashboards/', import.meta.url));

export interface GrafanaPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
}

export interface GrafanaDashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly GrafanaPanel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
}

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** As they are shipped. */
export function readDashboards(): GrafanaDashboard[] {
  return readdirSync(DASHBOARDS)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(`${DASHBOARDS}${name}`, 'utf8')) as GrafanaDashboard);
}

export function readRules(): Rule[] {
  const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export interface NamedQuery {
  readonly where: string;
  readonly expr: string;
}

/** With everything chosen at the top, and short windows, as the run is short. */
export function queriesOf({ title, panels, annotations }: GrafanaDashboard): NamedQuery[] {
  const ofPanels = panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ refId, expr }) => ({ where: `${title} / ${panel.title} / ${refId}`, expr })),
  );
  const ofAnnotations = annotations.list.map(({ name, expr }) => ({ where: `${title} / ${name}`, expr }));
  return [...ofPanels, ...ofAnnotations].map(({ where, expr }) => ({ where, expr: filledIn(expr) }));
}

function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '10s')
    .replaceAll('$__range', '1m')
    .replace(/\$[a-z]+/g, '.*');
}

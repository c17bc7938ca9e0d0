import type { Exemplar, MetricSamples } from './series.ts';

export const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Whether a scraper would rather have this format than the older text. @source RFC 9110 section 12.5.1 */
export function prefersOpenMetrics(accept: string | null): boolean {
  const ranges = (accept ?? '').toLowerCase().split(',').map(rangeOf);
  const weight = (...types: string[]): number => ranges.find(({ type }) => types.includes(type))?.weight ?? 0;
  const wanted = weight('application/openmetrics-text');
  return wanted > 0 && wanted >= weight('text/plain', 'text/*');
}

function rangeOf(range: string): { readonly type: string; readonly weight: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  const weight = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1);
  return { type, weight: Number.isNaN(weight) ? 1 : weight };
}

/** The format in which histograms name requests as examples. @source OpenMetrics 1.0 */
export function openMetricsText(metrics: readonly MetricSamples[]): string {
  return `${metrics.map(familyText).join('')}# EOF\n`;
}

function familyText({ name, help, type, values }: MetricSamples): string {
  // A counter's family has no `_total`, its samples do.
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  const head = `# TYPE ${family} ${type}\n# HELP ${family} ${escaped(help)}\n`;
  const lines = values.map(({ metricName, value, labels, exemplar }) => {
    const sample = metricName ?? (type === 'counter' ? `${family}_total` : family);
    return `${sample}${labelText(labels)} ${numberText(value)}${exemplarText(exemplar)}\n`;
  });
  return head + lines.join('');
}

function labelText(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const text = name === 'le' && typeof value === 'number' ? boundText(value) : String(value);
    return `${name}="${escaped(text)}"`;
  });
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function exemplarText(exemplar: Exemplar | null | undefined): string {
  if (exemplar === null || exemplar === undefined) return '';
  const { traceId, spanId, value, at } = exemplar;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${numberText(value)} ${(at / 1000).toFixed(3)}`;
}

/** Bounds are written as numbers with a fraction. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

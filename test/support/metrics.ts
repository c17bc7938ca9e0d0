interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A scrape of `/metrics`. */
export interface MetricSamples {
  readonly text: string;
  /** The samples of one metric, by their labels. */
  samples(name: string): readonly Sample[];
  /** The sum over all samples whose labels include these. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** @source https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function parseMetrics(text: string): MetricSamples {
  const all = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseLine);
  const samples = (name: string): Sample[] => all.filter((sample) => sample.name === name);
  return {
    text,
    samples,
    sum: (name, labels = {}) =>
      samples(name)
        .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
        .reduce((total, { value }) => total + value, 0),
  };
}

function parseLine(line: string): Sample {
  const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label!, text!]);
  return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
}

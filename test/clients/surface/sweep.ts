import { answering } from './answers.ts';
import { compare, type BothWays, type Compared } from './both-ways.ts';
import type { SdkMethod } from './methods.ts';
import type { Measure } from './sample.ts';

/** How a method is called once. */
export interface Trial {
  readonly measure: Measure;
  /** Of the request; what the SDK takes in its last place. */
  readonly options: object;
}

/** Calls every method in every way. @returns what differs, and the methods that never sent anything */
export async function sweep(
  methods: readonly SdkMethod[],
  trialsOf: (method: SdkMethod) => readonly Trial[],
  ways: BothWays<object>,
): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const method of methods) {
    const compared: Compared[] = [];
    for (const trial of trialsOf(method)) {
      const each = await compareTrial(method, trial, ways);
      compared.push(each);
      if (each.difference !== null)
        findings.push(`${method.name} ${JSON.stringify({ ...trial.measure, ...trial.options })}: ${each.difference}`);
    }
    // Some ways of a call are refused by the SDK itself.
    if (compared.every(({ difference, requests }) => difference === null && requests === 0))
      findings.push(`${method.name} sent nothing: ${JSON.stringify(compared.at(-1)?.outcome)}`);
  }
  return findings;
}

function compareTrial(method: SdkMethod, { measure, options }: Trial, ways: BothWays<object>): Promise<Compared> {
  const answer = answering(method.answers, method.reply(measure));
  return compare(ways, answer, (client) => outcomeOf(method, client, [...method.arguments(measure), options]));
}

async function outcomeOf({ name, answers }: SdkMethod, client: object, values: unknown[]): Promise<unknown> {
  const path = name.split('.');
  const resource = path.slice(0, -1).reduce((at, each) => at[each as never], client);
  const method = resource[path.at(-1) as never] as (...all: unknown[]) => unknown;
  const called = method.apply(resource, values);
  if (answers === 'page') return allOf(called as AsyncIterable<unknown>);
  const came = await (called as Promise<unknown>);
  if (answers === 'stream' || answers === 'lines') return allOf(came as AsyncIterable<unknown>);
  return answers === 'bytes' ? Buffer.from(await (came as Response).arrayBuffer()).toString('latin1') : came;
}

export async function allOf(source: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const each of source) all.push(each);
  return all;
}

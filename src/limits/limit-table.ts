import { createHash } from 'node:crypto';
import { compileGlob } from '../core/glob.ts';
import type { LimitRuleConfig } from '../core/limits.ts';
import type { Principal, SubjectAllowance } from '../core/principal.ts';
import { Subject } from './subject.ts';
import { LateCache } from '../core/late-cache.ts';

/** What a rule can look at. */
interface LimitFacts {
  /** As the app asked for it. */
  readonly model: string;
  /** What the request goes to first. */
  readonly provider: string;
  readonly upstreamModel: string;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Values of a rule whose claims are kept made. */
const MAX_VALUES = 10_000;
const LONGEST_VALUE = 128;

/** The limits of one configuration: which of them hold for a request. */
export class LimitTable {
  private readonly rules: readonly Rule[];
  private readonly named = new WeakMap<SubjectAllowance, Subject>();

  constructor(rules: readonly LimitRuleConfig[]) {
    this.rules = rules.map((config) => new Rule(config));
  }

  /** Those of the key, of its team, then of the rules. Empty where nothing is limited. */
  subjectsOf(principal: Principal, facts: LimitFacts): readonly Subject[] {
    const { allowances } = principal;
    if (allowances.length === 0 && this.rules.length === 0) return NONE;
    const subjects: Subject[] = [];
    for (const each of allowances) {
      const subject = this.subjectOf(each);
      if (!subject.isEmpty) subjects.push(subject);
    }
    for (const rule of this.rules) if (rule.matches(facts)) subjects.push(rule.subjectOf(principal, facts));
    return subjects;
  }

  private subjectOf(allowance: SubjectAllowance): Subject {
    let subject = this.named.get(allowance);
    if (subject === undefined) {
      const { kind, name, counter } = allowance;
      this.named.set(allowance, (subject = new Subject(`${kind}:${name}`, counter, allowance)));
    }
    return subject;
  }
}

const NONE: readonly Subject[] = [];

class Rule {
  private readonly config: LimitRuleConfig;
  private readonly model: ((name: string) => boolean) | null;
  private readonly metadata: readonly (readonly [name: string, matches: (value: string) => boolean])[];
  private readonly subjects = new LateCache<string, Subject>({ max: MAX_VALUES });

  constructor(config: LimitRuleConfig) {
    const { match } = config;
    this.config = config;
    this.model = match.model === null ? null : compileGlob(match.model);
    this.metadata = Object.entries(match.metadata).map(([name, glob]) => [name, compileGlob(glob)]);
  }

  /** By either name of the model: no alias leads around a limit. */
  matches({ model, upstreamModel, provider, metadata }: LimitFacts): boolean {
    const { match } = this.config;
    if (match.provider !== null && match.provider !== provider) return false;
    if (this.model !== null && !this.model(model) && !this.model(upstreamModel)) return false;
    for (const [name, matches] of this.metadata) {
      const value = metadata.get(name);
      if (value === undefined || !matches(value)) return false;
    }
    return true;
  }

  subjectOf(principal: Principal, facts: LimitFacts): Subject {
    const { name, by } = this.config;
    const values =
      by.length === 0 ? '' : bounded(JSON.stringify(by.map((source) => valueOf(source, principal, facts))));
    let subject = this.subjects.get(values);
    if (subject === undefined)
      this.subjects.set(values, (subject = new Subject(`limit:${name}`, `limit:${name}${values}`, this.config)));
    return subject;
  }
}

/** Requests without the value share one count. */
function valueOf(source: string, { id, team }: Principal, { model, provider, metadata }: LimitFacts): string {
  if (source === 'key') return id;
  if (source === 'team') return team?.name ?? '';
  if (source === 'model') return model;
  if (source === 'provider') return provider;
  return metadata.get(source.slice('metadata.'.length)) ?? '';
}

/** Callers choose metadata, as long as they like. */
function bounded(values: string): string {
  return values.length <= LONGEST_VALUE ? values : createHash('sha256').update(values).digest('hex');
}

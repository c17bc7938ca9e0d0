import type { Closure } from './cel/closure.ts';
import type { PolicyFacts } from './facts.ts';
import type { Rule } from './rule.ts';

/** Rules that compare the same text with constants. */
interface Group {
  readonly read: Closure<string>;
  readonly byValue: ReadonlyMap<string, readonly Rule[]>;
  readonly all: readonly Rule[];
}

/** Looking a text up costs as much as judging so many rules. */
const SMALLEST_GROUP = 3;

/**
 * Finds the rules that may hold: of those that compare one text with constants, most need not be looked at. CEL lets it:
 * `false && x` is false even where x cannot be told.
 */
export class RuleIndex {
  readonly rules: readonly Rule[];
  private readonly always: readonly Rule[];
  private readonly groups: readonly Group[];

  constructor(rules: readonly Rule[]) {
    const byKey = Map.groupBy(rules, ({ guard }) => guard?.key ?? '');
    const groups = [...byKey].filter(([key, members]) => key !== '' && members.length >= SMALLEST_GROUP);
    const grouped = new Set(groups.flatMap(([, members]) => members));
    this.rules = rules;
    this.always = rules.filter((rule) => !grouped.has(rule));
    this.groups = groups.map(([, members]) => toGroup(members));
  }

  /** In the order of the file. */
  candidates(facts: PolicyFacts): readonly Rule[] {
    let found: Rule[] | null = null;
    for (const group of this.groups) {
      const members = membersFor(group, facts);
      if (members !== undefined) found = [...(found ?? this.always), ...members];
    }
    return found === null ? this.always : found.sort((a, b) => a.order - b.order);
  }
}

function toGroup(members: readonly Rule[]): Group {
  const byValue = new Map<string, Rule[]>();
  for (const rule of members)
    for (const value of new Set(rule.guard!.values)) byValue.set(value, [...(byValue.get(value) ?? []), rule]);
  return { read: members[0]!.guard!.read, byValue, all: members };
}

/** A text that cannot be read is for each of the rules to make something of. */
function membersFor({ read, byValue, all }: Group, facts: PolicyFacts): readonly Rule[] | undefined {
  try {
    return byValue.get(read(facts));
  } catch {
    return all;
  }
}

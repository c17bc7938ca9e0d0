import { JsonKind } from '../core/json-document.ts';
import type { JsonNode } from '../core/json-document.ts';
import type { Chars } from '../core/units.ts';
import type { LiveRules } from './live-rules.ts';

/** Places are for people and for logs; a longer one is given by the part that fits. */
const LONGEST_PLACE: Chars = 256;

interface Place {
  readonly path: string;
  /** False: the path of an outer value, because a name on the way may be a value itself. */
  readonly isWhole: boolean;
}

const ROOT: Place = { path: '', isWhole: true };

/**
 * Where the values of one document stand: `messages[2].content`. Places are logged, so a member name in which a rule may
 * match is left out. What contains others is looked at once, however many findings it has.
 */
export class Places {
  private readonly rules: LiveRules;
  private readonly outer = new Map<JsonNode, Place>();

  constructor(rules: LiveRules) {
    this.rules = rules;
  }

  of(node: JsonNode): string {
    const { path, isWhole } = this.resolve(node);
    return isWhole ? path : inside(path);
  }

  private resolve(node: JsonNode): Place {
    const { parent } = node;
    if (parent === null) return ROOT;
    const known = this.outer.get(node);
    if (known !== undefined) return known;
    const place = this.extend(this.resolve(parent), node);
    if (node.kind < JsonKind.string) this.outer.set(node, place);
    return place;
  }

  private extend(outer: Place, { key, index }: JsonNode): Place {
    if (!outer.isWhole) return outer;
    const { path } = outer;
    const length = path.length + (key?.length ?? 0);
    const own = length > LONGEST_PLACE ? null : joined(path, key, index);
    return own !== null && (key === null || this.rules.isClean(own))
      ? { path: own, isWhole: true }
      : { path, isWhole: false };
  }
}

function joined(path: string, key: string | null, index: number): string {
  if (key === null) return `${path}[${index}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Some member of what stands at `path`. */
export function inside(path: string): string {
  return path === '' ? '*' : `${path}.*`;
}

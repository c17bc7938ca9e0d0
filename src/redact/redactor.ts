import type { JsonDocument } from '../core/json-document.ts';
import type {
  Direction,
  Finding,
  RedactionCategory,
  RedactionLog,
  RedactionPolicy,
  Redactor,
  StreamFormat,
} from '../core/redaction.ts';
import type { StreamTransform } from '../core/stream-transform.ts';
import type { RuleInfo } from './detector.ts';
import { DETECTORS } from './detectors/registry.ts';
import { LiveRules } from './live-rules.ts';
import { redactDocument, redactWhole, tell } from './redact-document.ts';
import { RedactionStream } from './redact-stream.ts';
import { Replacements } from './replacement.ts';
import type { ScanContext } from './span-settler.ts';

/** Every bundled rule, for docs and metrics. */
export const BUILT_IN_RULES: readonly RuleInfo[] = DETECTORS.map(({ id, category, description }) => ({
  id,
  category,
  description,
}));

/** The rules of a policy that are not switched off in a direction, bundled ones first. */
export function rulesInForce(policy: RedactionPolicy, direction: Direction): readonly RuleInfo[] {
  const bundled = BUILT_IN_RULES.filter(
    ({ category }) => policy.categories[category as RedactionCategory][direction] !== 'allow',
  );
  const custom = policy.rules.filter((rule) => rule[direction] !== 'allow');
  return [
    ...bundled,
    ...custom.map(({ id }): RuleInfo => ({ id, category: 'custom', description: 'Rule of the configuration' })),
  ];
}

/**
 * @param secret key of the placeholders and hashes: the same value gets the same one wherever the key is the same
 * @throws Error where a pattern of the policy cannot be judged in linear time and bounded memory; names rule and fix
 */
export function createRedactor(policy: RedactionPolicy, secret: Buffer): Redactor {
  return new PolicyRedactor(policy, secret);
}

class PolicyRedactor implements Redactor {
  private readonly contexts: Readonly<Record<Direction, ScanContext>>;

  constructor(policy: RedactionPolicy, secret: Buffer) {
    const replacements = new Replacements(secret);
    const allowed = new Set(policy.allow);
    this.contexts = {
      request: { rules: new LiveRules(policy, 'request'), replacements, allowed },
      response: { rules: new LiveRules(policy, 'response'), replacements, allowed },
    };
  }

  isClean(json: string, direction: Direction): boolean {
    return this.contexts[direction].rules.isCleanJson(json);
  }

  inspects(direction: Direction): boolean {
    return !this.contexts[direction].rules.isEmpty;
  }

  redactText(text: string, direction: Direction): { readonly text: string; readonly findings: readonly Finding[] } {
    const findings: Finding[] = [];
    const log: RedactionLog = { found: (_direction, finding) => findings.push(finding), held: () => undefined };
    return {
      text: redactWhole(this.contexts[direction], text, (finding) => tell(log, direction, finding, '')),
      findings,
    };
  }

  redactDocument(document: JsonDocument, direction: Direction, log: RedactionLog): JsonDocument {
    return redactDocument(this.contexts[direction], document, direction, log);
  }

  openStream(format: StreamFormat, log: RedactionLog): StreamTransform {
    return new RedactionStream(this.contexts.response, format, log);
  }
}

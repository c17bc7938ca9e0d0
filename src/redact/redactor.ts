import type { JsonDocument } from '../core/json-document.ts';
import type { Direction, Finding, RedactionLog, RedactionPolicy, Redactor, StreamFormat } from '../core/redaction.ts';
import type { StreamTransform } from '../core/stream-transform.ts';
import type { RuleInfo } from './detector.ts';
import { DETECTORS } from './detectors/registry.ts';
import { LiveRules } from './live-rules.ts';
import { redactDocument, tell } from './redact-document.ts';
import { RedactionStream } from './redact-stream.ts';
import { Replacements } from './replacement.ts';
import { forOneText } from './span-settler.ts';
import type { ScanContext } from './span-settler.ts';
import { redactWhole } from './text-passes.ts';

/** Every bundled rule, for docs and metrics. */
export const BUILT_IN_RULES: readonly RuleInfo[] = DETECTORS.map(({ id, category, description }) => ({
  id,
  category,
  description,
}));

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
    const replacements = Replacements.keyedBy(secret);
    const allowed = new Set(policy.allow);
    const contextOf = (direction: Direction): ScanContext => ({
      rules: new LiveRules(policy, direction),
      replacements,
      allowed,
      onlyCertain: false,
    });
    this.contexts = { request: contextOf('request'), response: contextOf('response') };
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
      text: redactWhole(forOneText(this.contexts[direction]), text, (finding) => tell(log, direction, finding, '')),
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

import type { AuditTrail } from './core/audit.ts';
import { REDACTION_CATEGORIES, type RedactionPolicy } from './core/redaction.ts';
import type { JsonValue } from './core/rollout.ts';
import { createRedactor } from './redact/redactor.ts';

/** Not the configured one, which may allow secrets: what is in the trail cannot be taken out again. */
const SECRETS_ONLY: RedactionPolicy = {
  categories: perCategory((name) => {
    const action = name === 'secrets' ? 'mask' : 'allow';
    return { request: action, response: action };
  }),
  overrides: {},
  rules: [],
  allow: [],
  restore: { ...perCategory(() => 'nowhere' as const), custom: 'nowhere' },
  failure: 'open',
  detectors: [],
};

/** Masks only: nothing is made with the key. */
const redactor = createRedactor(SECRETS_ONLY, Buffer.alloc(32));

/** A text of a caller: where a name is asked for, people paste keys. */
export function withoutSecrets(text: string): string {
  return redactor.redactText(text, 'request').text;
}

/** The trail for those who hand on what people typed: names, reasons, parts of a path. */
export function scrubbedTrail(trail: Pick<AuditTrail, 'action'>): Pick<AuditTrail, 'action'> {
  return {
    action: (action, work) => {
      const { subject, detail } = action;
      return trail.action({ ...action, subject: withoutSecrets(subject), detail: scrubbed(detail) }, work);
    },
  };
}

function scrubbed(value: JsonValue): JsonValue {
  if (typeof value === 'string') return withoutSecrets(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(scrubbed);
  const members = Object.entries(value as { readonly [name: string]: JsonValue });
  return Object.fromEntries(members.map(([name, each]) => [withoutSecrets(name), scrubbed(each)]));
}

function perCategory<T>(of: (name: (typeof REDACTION_CATEGORIES)[number]) => T) {
  return Object.fromEntries(REDACTION_CATEGORIES.map((name) => [name, of(name)])) as Record<
    (typeof REDACTION_CATEGORIES)[number],
    T
  >;
}

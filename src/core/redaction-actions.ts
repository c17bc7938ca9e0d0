export const REDACTION_ACTIONS = ['allow', 'report', 'mask', 'hash', 'placeholder', 'block'] as const;
export type RedactionAction = (typeof REDACTION_ACTIONS)[number];

import type { KeySettings } from '../../src/core/keys.ts';

/** A key that may do everything and has no limits. */
export const SETTINGS: KeySettings = {
  name: 'dev',
  owner: null,
  team: null,
  models: ['*'],
  allowArmOverride: false,
  metadata: {},
  limits: { requests: null, tokens: null, concurrent: null },
  budgets: [],
  onCounterFailure: { kind: 'closed' },
  redaction: null,
  expiresAt: null,
};

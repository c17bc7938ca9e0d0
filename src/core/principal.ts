import type { Allowance } from './limits.ts';

/** What a key, or the team above it, may use. */
export interface NamedAllowance {
  readonly subject: 'key' | 'team';
  readonly name: string;
  readonly allowance: Allowance;
}

/** Who calls. Made by the one auth gate; nothing else in the gateway decides identity. */
export interface Principal {
  /** The configured key's name; `anonymous` without one. */
  readonly name: string;
  readonly isAnonymous: boolean;
  readonly allowArmOverride: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** The models that its key names without a wildcard. */
  readonly modelNames: readonly string[];
  /** All of them hold at once. */
  readonly allowances: readonly NamedAllowance[];
  mayUse(model: string): boolean;
}

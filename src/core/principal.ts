/** Who calls. Made by the one auth gate; nothing else in the gateway decides identity. */
export interface Principal {
  /** The configured key's name; `anonymous` without one. */
  readonly name: string;
  readonly isAnonymous: boolean;
  readonly allowArmOverride: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** The models that its key names without a wildcard. */
  readonly modelNames: readonly string[];
  mayUse(model: string): boolean;
}

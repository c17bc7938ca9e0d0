import type { ExternalDetector } from '../core/external-detector.ts';
import type { RedactionChange, RedactionPolicy, SharedRedactor } from '../core/redaction.ts';
import type { Judges } from './aside/job.ts';
import { changedPolicy } from './policy.ts';
import { createRedactor } from './redactor.ts';

/** Who changes the policy, by name. */
interface RedactionChanges {
  readonly routes: ReadonlyMap<string, RedactionChange>;
  readonly keys: ReadonlyMap<string, RedactionChange>;
}

/** The redactors of one configuration: one for everybody, and those of the routes and keys that change something. */
export class Redactors {
  /** Where neither route nor key changes anything. */
  readonly common: SharedRedactor;
  private readonly policy: RedactionPolicy;
  private readonly secret: Buffer;
  private readonly changes: RedactionChanges;
  private readonly detectors: ReadonlyMap<string, ExternalDetector>;
  private readonly judges: Judges | null;
  /** Made at the first request: routes times keys may be many, and few of the pairs occur. */
  private readonly special = new Map<RedactionChange | null, Map<RedactionChange | null, SharedRedactor>>();

  /** @throws Error as `createRedactor` */
  constructor(
    policy: RedactionPolicy,
    secret: Buffer,
    changes: RedactionChanges,
    detectors: ReadonlyMap<string, ExternalDetector> = new Map(),
    judges: Judges | null = null,
  ) {
    this.policy = policy;
    this.secret = secret;
    this.changes = changes;
    this.detectors = detectors;
    this.judges = judges;
    this.common = createRedactor(policy, secret, detectors, judges);
  }

  /** @param route as configured. @param key null: the anonymous caller */
  for(route: string, key: string | null): SharedRedactor {
    const { routes, keys } = this.changes;
    if (routes.size === 0 && keys.size === 0) return this.common;
    const byRoute = routes.get(route) ?? null;
    const byKey = key === null ? null : (keys.get(key) ?? null);
    return byRoute === null && byKey === null ? this.common : this.changed(byRoute, byKey);
  }

  private changed(byRoute: RedactionChange | null, byKey: RedactionChange | null): SharedRedactor {
    let byKeys = this.special.get(byRoute);
    if (byKeys === undefined) this.special.set(byRoute, (byKeys = new Map()));
    let redactor = byKeys.get(byKey);
    if (redactor !== undefined) return redactor;
    redactor = createRedactor(this.with(byRoute, byKey), this.secret, this.detectors, this.judges);
    byKeys.set(byKey, redactor);
    return redactor;
  }

  private with(...changes: readonly (RedactionChange | null)[]): RedactionPolicy {
    return changes.reduce((policy: RedactionPolicy, change) => {
      return change === null ? policy : changedPolicy(policy, change);
    }, this.policy);
  }
}

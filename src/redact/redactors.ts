import type { ExternalDetector } from '../core/external-detector.ts';
import type { RedactionChange, RedactionPolicy, Redactor, SharedRedactor } from '../core/redaction.ts';
import type { Judges } from './aside/job.ts';
import { hidingPolicy } from './hiding-policy.ts';
import { changedPolicy } from './policy.ts';
import { createRedactor } from './redactor.ts';
import { LateCache } from '../core/late-cache.ts';

/** Keys may come and go, each with changes of its own. */
const MAX_SPECIAL = 1_000;

/** The redactors of one configuration: one for everybody, and those of the routes and keys that change something. */
export class Redactors {
  /** Where neither route nor key changes anything. */
  readonly common: SharedRedactor;
  private readonly policy: RedactionPolicy;
  private readonly secret: Buffer;
  private readonly routes: ReadonlyMap<string, RedactionChange>;
  private readonly detectors: ReadonlyMap<string, ExternalDetector>;
  private readonly judges: Judges | null;
  /** Made at the first request: routes times keys may be many, and few of the pairs occur. By what they change. */
  private readonly special = new LateCache<string, SharedRedactor>({ max: MAX_SPECIAL });
  private readonly texts = new WeakMap<RedactionChange, string>();

  /** @param routes what they change, by name. @throws Error as `createRedactor` */
  constructor(
    policy: RedactionPolicy,
    secret: Buffer,
    routes: ReadonlyMap<string, RedactionChange>,
    detectors: ReadonlyMap<string, ExternalDetector> = new Map(),
    judges: Judges | null = null,
  ) {
    this.policy = policy;
    this.secret = secret;
    this.routes = routes;
    this.detectors = detectors;
    this.judges = judges;
    this.common = createRedactor(policy, secret, detectors, judges);
  }

  /** @param route as configured. @param byKey what the caller's key changes */
  for(route: string, byKey: RedactionChange | null): SharedRedactor {
    if (byKey === null && this.routes.size === 0) return this.common;
    const byRoute = this.routes.get(route) ?? null;
    return byRoute === null && byKey === null ? this.common : this.changed(byRoute, byKey);
  }

  /** For what is kept of requests: whatever is looked for is hidden. */
  forRecords(route: string, byKey: RedactionChange | null): Redactor {
    const byRoute = this.routes.get(route) ?? null;
    const text = `records\n${this.textOf(byRoute)}\n${this.textOf(byKey)}`;
    let redactor = this.special.get(text);
    if (redactor !== undefined) return redactor;
    redactor = createRedactor(hidingPolicy(this.with(byRoute, byKey)), this.secret);
    this.special.set(text, redactor);
    return redactor;
  }

  private changed(byRoute: RedactionChange | null, byKey: RedactionChange | null): SharedRedactor {
    const text = `${this.textOf(byRoute)}\n${this.textOf(byKey)}`;
    let redactor = this.special.get(text);
    if (redactor !== undefined) return redactor;
    redactor = createRedactor(this.with(byRoute, byKey), this.secret, this.detectors, this.judges);
    this.special.set(text, redactor);
    return redactor;
  }

  /** A key that is read anew brings an object of its own for the same change. */
  private textOf(change: RedactionChange | null): string {
    if (change === null) return '';
    let text = this.texts.get(change);
    if (text === undefined) this.texts.set(change, (text = JSON.stringify(change)));
    return text;
  }

  private with(...changes: readonly (RedactionChange | null)[]): RedactionPolicy {
    return changes.reduce((policy: RedactionPolicy, change) => {
      return change === null ? policy : changedPolicy(policy, change);
    }, this.policy);
  }
}

import { LRUCache } from 'lru-cache';
import type { AskingExchange, ExternalDetector } from '../core/external-detector.ts';
import type { JsonDocument } from '../core/json-document.ts';
import type {
  Direction,
  Finding,
  RedactionLog,
  RedactionPolicy,
  RequestRedactor,
  SharedRedactor,
  StreamFormat,
  TextStream,
  UninspectedReason,
} from '../core/redaction.ts';
import type { StreamTransform } from '../core/stream-transform.ts';
import type { RuleInfo } from './detector.ts';
import { DETECTORS } from './detectors/registry.ts';
import type { Judges } from './aside/job.ts';
import { isLarge, isVeryLarge, judgeAside } from './aside/judge-aside.ts';
import { ExternalRules } from './external/external-rules.ts';
import { redactKnownValues } from './known-values.ts';
import { LiveRules } from './live-rules.ts';
import { redactDocument, tell } from './redact-document.ts';
import { RedactionStream } from './redact-stream.ts';
import { Replacements } from './replacement.ts';
import { Restoration } from './restoration.ts';
import { forOneText } from './span-settler.ts';
import type { ScanContext } from './span-settler.ts';
import { redactWhole } from './text-passes.ts';
import { RedactedText, redactPlain } from './redacted-text.ts';
import { rememberPlaces } from './sent-places.ts';
import { passUninspected } from './uninspectable.ts';
import { Vault } from './vault.ts';
import type { VaultContents } from './vault.ts';

/** Tenants whose key for placeholders is kept ready. */
const TENANTS_REMEMBERED = 1_024;

/** Every bundled rule, for docs and metrics. */
export const BUILT_IN_RULES: readonly RuleInfo[] = DETECTORS.map(({ id, category, description }) => ({
  id,
  category,
  description,
}));

/**
 * @param secret key of the placeholders and hashes: the same value gets the same one wherever the key is the same
 * @param detectors those of the policy that run, by name
 * @param judges of large documents; null: each is judged where it is
 * @throws Error where a pattern of the policy cannot be judged in linear time and bounded memory; names rule and fix
 */
export function createRedactor(
  policy: RedactionPolicy,
  secret: Buffer,
  detectors = NO_DETECTORS,
  judges: Judges | null = null,
): SharedRedactor {
  return new PolicyRedactor(policy, secret, new ExternalRules(policy.detectors, detectors), judges);
}

const NO_DETECTORS: ReadonlyMap<string, ExternalDetector> = new Map();

let policies = 0;

/** What all exchanges share. */
export class PolicyRedactor implements SharedRedactor {
  /** Of this process. */
  readonly id = ++policies;
  readonly policy: RedactionPolicy;
  readonly rules: Readonly<Record<Direction, LiveRules>>;
  readonly external: ExternalRules;
  readonly judges: Judges | null;
  readonly secret: Buffer;
  private readonly allowed: ReadonlySet<string>;
  /** Of replies to requests with placeholders: made when there is the first one. */
  private restoring: LiveRules | null = null;
  private readonly replacements = new LRUCache<string, Replacements>({ max: TENANTS_REMEMBERED });

  constructor(policy: RedactionPolicy, secret: Buffer, external: ExternalRules, judges: Judges | null = null) {
    this.policy = policy;
    this.judges = judges;
    this.external = external;
    this.secret = secret;
    this.allowed = new Set(policy.allow);
    this.rules = { request: new LiveRules(policy, 'request'), response: new LiveRules(policy, 'response') };
  }

  get restoringRules(): LiveRules {
    return (this.restoring ??= new LiveRules(this.policy, 'response', true));
  }

  context(rules: LiveRules, tenant: string): ScanContext {
    const { allowed } = this;
    const replacements = this.replacementsOf(tenant);
    const failsClosed = this.policy.failure === 'closed';
    const shared = { rules, replacements, allowed, failsClosed };
    return { ...shared, onlyCertain: false, decoded: 0, vault: null, restoration: null, place: 'text' };
  }

  /** @param vault of an exchange that has begun elsewhere */
  forExchange(tenant: string, vault: Vault | null = null): ExchangeRedactor {
    return new ExchangeRedactor(this, tenant, vault);
  }

  isClean(json: string, direction: Direction): boolean {
    return this.rules[direction].isCleanJson(json);
  }

  inspects(direction: Direction): boolean {
    return !this.rules[direction].isEmpty;
  }

  redactText(text: string, direction: Direction): { readonly text: string; readonly findings: readonly Finding[] } {
    const findings: Finding[] = [];
    const log = new FindingList(findings);
    const context = forOneText(this.context(this.rules[direction], ''));
    return { text: redactWhole(context, text, (finding) => tell(log, direction, finding, '')), findings };
  }

  redactDocument(document: JsonDocument, direction: Direction, log: RedactionLog): JsonDocument {
    return redactDocument(this.context(this.rules[direction], ''), document, direction, log);
  }

  redactAside(document: JsonDocument, direction: Direction, log: RedactionLog): JsonDocument {
    return this.redactDocument(document, direction, log);
  }

  openStream(format: StreamFormat, log: RedactionLog): StreamTransform {
    return new RedactionStream(this.context(this.rules.response, ''), format, log);
  }

  redactPlain(text: string, direction: Direction, log: RedactionLog, where: string, name?: string): string {
    return redactPlain(this.context(this.rules[direction], ''), text, direction, log, where, name);
  }

  openText(direction: Direction, log: RedactionLog, place: (line: number) => string): TextStream {
    return new RedactedText(this.context(this.rules[direction], ''), direction, log, place);
  }

  uninspected(direction: Direction, reason: UninspectedReason, log: RedactionLog): void {
    passUninspected(this.policy.failure === 'closed', direction, reason, log);
  }

  private replacementsOf(tenant: string): Replacements {
    let made = this.replacements.get(tenant);
    if (made === undefined) this.replacements.set(tenant, (made = Replacements.keyedBy(this.secret, tenant)));
    return made;
  }
}

/** Where its request had values that were replaced, its reply gets them back. */
class ExchangeRedactor implements RequestRedactor {
  private readonly shared: PolicyRedactor;
  private readonly tenant: string;
  private vault: Vault | null = null;

  constructor(shared: PolicyRedactor, tenant: string, vault: Vault | null) {
    this.shared = shared;
    this.tenant = tenant;
    this.vault = vault;
  }

  inspects(direction: Direction): boolean {
    return this.shared.inspects(direction) || (direction === 'response' && this.restores);
  }

  isClean(json: string, direction: Direction): boolean {
    return this.rulesOf(direction).isCleanJson(json);
  }

  redactText(text: string, direction: Direction): { readonly text: string; readonly findings: readonly Finding[] } {
    return this.shared.redactText(text, direction);
  }

  redactDocument(document: JsonDocument, direction: Direction, log: RedactionLog): JsonDocument {
    if (this.isClean(document.text, direction)) return document;
    const context = this.contextOf(direction, log);
    const redacted = redactDocument(context, document, direction, log);
    return direction === 'response' ? redacted : everywhere(context, document, redacted, log);
  }

  redactAside(
    document: JsonDocument,
    direction: Direction,
    log: RedactionLog,
    abortSignal: () => AbortSignal,
  ): JsonDocument | Promise<JsonDocument> {
    const { text } = document;
    const { judges } = this.shared;
    if (judges === null || !isLarge(text)) return this.redactDocument(document, direction, log);
    if (!isVeryLarge(text) && this.isClean(text, direction)) return document;
    return this.judgeAside(judges, document, direction, log, abortSignal());
  }

  private async judgeAside(
    judges: Judges,
    document: JsonDocument,
    direction: Direction,
    log: RedactionLog,
    signal: AbortSignal,
  ) {
    const { tenant, vault } = this;
    const { id: policyId, policy, secret } = this.shared;
    const job = { direction, tenant, policyId, policy: { ...policy, detectors: [] }, secret };
    const answer = await judgeAside(judges, { ...job, vault: vault?.contents() ?? null }, document, log, signal);
    if (answer.vault !== null) this.vault = Vault.holding(answer.vault);
    return answer.document;
  }

  /** For the thread in which the exchange goes on. */
  contents(): VaultContents | null {
    return this.vault?.contents() ?? null;
  }

  get asksDetectors(): boolean {
    return !this.shared.external.isEmpty;
  }

  async askDetectors(document: JsonDocument, exchange: AskingExchange, log: RedactionLog): Promise<JsonDocument> {
    const context = this.contextOf('request', log);
    const redacted = await this.shared.external.redact(context, document, { ...exchange, tenant: this.tenant }, log);
    return redacted === document ? document : everywhere(context, document, redacted, log);
  }

  openStream(format: StreamFormat, log: RedactionLog): StreamTransform {
    return new RedactionStream(this.contextOf('response', log), format, log);
  }

  redactPlain(text: string, direction: Direction, log: RedactionLog, where: string, name?: string): string {
    return redactPlain(this.contextOf(direction, log), text, direction, log, where, name);
  }

  openText(direction: Direction, log: RedactionLog, place: (line: number) => string): TextStream {
    return new RedactedText(this.contextOf(direction, log), direction, log, place);
  }

  uninspected(direction: Direction, reason: UninspectedReason, log: RedactionLog): void {
    this.shared.uninspected(direction, reason, log);
  }

  private get restores(): boolean {
    return this.vault !== null && !this.vault.isEmpty;
  }

  private rulesOf(direction: Direction): LiveRules {
    return direction === 'response' && this.restores ? this.shared.restoringRules : this.shared.rules[direction];
  }

  private contextOf(direction: Direction, log: RedactionLog): ScanContext {
    const context = this.shared.context(this.rulesOf(direction), this.tenant);
    if (direction === 'request') return { ...context, vault: (this.vault ??= new Vault()) };
    if (!this.restores) return context;
    return { ...context, restoration: new Restoration(this.vault!, this.shared.policy.restore, log) };
  }
}

/** What has been found in one place of a request is replaced in all of them. */
function everywhere(context: ScanContext, came: JsonDocument, redacted: JsonDocument, log: RedactionLog): JsonDocument {
  const sent = redactKnownValues(context, redacted, log);
  rememberPlaces(context.vault!, sent.text, came.text);
  return sent;
}

class FindingList implements RedactionLog {
  private readonly findings: Finding[];

  constructor(findings: Finding[]) {
    this.findings = findings;
  }

  found(_direction: Direction, finding: Finding): void {
    const { rule, category, start, end, action } = finding;
    this.findings.push({ rule, category, start, end, action });
  }

  held(): void {
    // Only streams hold anything back.
  }

  restored(): void {
    // Nothing is issued that could be.
  }

  uninspected(): void {
    // A string can always be read.
  }
}

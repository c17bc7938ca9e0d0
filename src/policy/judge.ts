import type { ModelCall } from '../core/call.ts';
import type { GatewayError } from '../core/errors.ts';
import type { PolicyAction } from '../core/policy.ts';
import type { PromptRef } from '../core/rollout.ts';
import { BodyEdits } from './body-changes.ts';
import type { PolicyFacts, ReplyView } from './facts.ts';
import { withModel, withTags } from './changed-call.ts';
import type { RuleIndex } from './rule-index.ts';
import type { RuleSet } from './rule-set.ts';
import type { Rule } from './rule.ts';
import { verdictOf } from './verdict.ts';

interface Denial {
  readonly rule: Rule;
  readonly error: GatewayError;
}

/** Judges one request along its life; made only where there are rules. */
export class PolicyJudge {
  /** What rules change of the body, whatever target gets it. */
  readonly edits = new BodyEdits();
  /** Takes the place of the caller's, and of an arm's. */
  prompt: PromptRef | null = null;
  private readonly rules: RuleSet;
  private readonly facts: PolicyFacts;
  private route: string | null = null;
  private excludedBy: Rule | null = null;

  constructor(rules: RuleSet, facts: PolicyFacts) {
    this.rules = rules;
    this.facts = facts;
  }

  /**
   * Before the call is routed. All rules read it as it came, so that none depends on what those before it changed.
   * @throws GatewayError `policy_denied`, `approval_required`
   */
  judgeRequest(): ModelCall {
    this.judgeAll(this.rules.at.request);
    const { tags } = this.facts.exchange;
    const call = tags === null ? this.facts.call : withTags(this.facts.call, tags);
    return this.route === null || this.route === call.model ? call : withModel(call, this.route);
  }

  /** Once its secrets are known. @throws GatewayError as `judgeRequest` */
  judgeRedacted(): void {
    this.judgeAll(this.rules.at.redaction);
  }

  /** What changes of the body for this target, or why it must not get it. */
  judgeTarget(provider: string, model: string): BodyEdits | GatewayError {
    const { rules } = this.rules.at.target;
    if (rules.length === 0) return this.edits;
    const { facts } = this;
    facts.targetProvider = provider;
    facts.targetModel = model;
    const edits = new BodyEdits();
    const denied = this.firstDenial(this.rules.at.target, edits, 'exclude');
    if (denied === null) return this.edits.with(edits);
    this.excludedBy ??= denied.rule;
    return denied.error;
  }

  /** No target was left: the rule that left the first one out denied the call. */
  noteDenied(): void {
    if (this.excludedBy !== null) this.decided(this.excludedBy, 'deny');
  }

  get judgesReply(): boolean {
    return this.rules.at.reply.rules.length > 0;
  }

  /** Some rule wants to know what a reply says. */
  get readsReplyText(): boolean {
    return this.rules.reads('response.language') || this.rules.reads('response.refusal');
  }

  /** A reply that nobody has seen yet. @throws GatewayError `policy_denied` */
  judgeReply(reply: ReplyView): void {
    this.takeReply(reply);
    this.judgeAll(this.rules.at.reply);
  }

  /** A stream, which has been sent: rules can only tell what it was. */
  noteReply(reply: ReplyView): void {
    this.takeReply(reply);
    for (const rule of this.rules.at.reply.rules) {
      const verdict = verdictOf(rule, this.facts);
      if (verdict === true) this.apply(rule, this.edits);
      else if (verdict !== false) this.decided(rule, verdict.action === 'error' ? 'error' : 'too_late');
    }
  }

  private takeReply(reply: ReplyView): void {
    const { facts } = this;
    facts.reply = reply;
    facts.targetProvider = facts.exchange.provider;
    facts.targetModel = facts.exchange.upstreamModel;
  }

  private judgeAll(rules: RuleIndex): void {
    const denied = this.firstDenial(rules, this.edits, 'deny');
    if (denied !== null) throw denied.error;
  }

  /** Applies rules up to the first that denies. @param action what a denial is called here */
  private firstDenial(rules: RuleIndex, edits: BodyEdits, action: 'deny' | 'exclude'): Denial | null {
    for (const rule of rules.candidates(this.facts)) {
      const verdict = verdictOf(rule, this.facts);
      if (verdict === false) continue;
      if (verdict === true) {
        this.apply(rule, edits);
        continue;
      }
      this.decided(rule, verdict.action === 'deny' ? action : verdict.action);
      const passes = !rule.config.enforce || (rule.onlyTags && verdict.action === 'error');
      if (!passes) return { rule, error: verdict.error };
    }
    return null;
  }

  private apply(rule: Rule, edits: BodyEdits): void {
    const { set, cap, route, prompt, tag, enforce } = rule.config;
    for (const action of rule.changes) this.decided(rule, action);
    if (!enforce) return;
    if (rule.changesBody) edits.add(set, cap);
    // As with denials, the first rule that says where to go is followed.
    this.route ??= route;
    this.prompt ??= prompt;
    if (rule.changes.includes('tag')) this.facts.exchange.tag(tag);
  }

  private decided({ name, config }: Rule, action: PolicyAction): void {
    this.facts.exchange.decided(name, config.enforce ? action : `would_${action}`);
  }
}

import type { DetectorCall } from './external-detector.ts';
import type { MadeIds } from './object-ids.ts';
import type { Operation, Protocol } from './operation.ts';
import type { Lateness, ReplyFacts, ReplyObserver, Trial } from './outcome.ts';
import type { PolicyDecision } from './policy.ts';
import type { CacheResult } from './reply-cache.ts';
import type { RecordedContent } from './recorded-content.ts';
import type { RequestTrace } from './request-trace.ts';
import type { Direction, Finding, RedactionLog, RestoreResult, UninspectedReason } from './redaction.ts';
import type { SseEvent } from './sse.ts';
import type { Bytes, Chars, Milliseconds } from './units.ts';

/** How an exchange ended; the `outcome` label of metrics. */
export type ExchangeOutcome = 'success' | 'error' | 'truncated' | 'cancelled' | 'denied';

/** `request_timeout`: the request did not arrive in time. `total_timeout`: the time for the whole exchange is up. */
type DeadlineReason = 'request_timeout' | 'total_timeout';

/** `client_gone`: nobody waits for the reply any more. `shutdown`: the process stops and its time to drain is up. */
export type AbortReason = DeadlineReason | 'client_gone' | 'shutdown';

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  /** Input that the provider put into its cache; a part of it, as the cached one is. */
  cacheWriteTokens?: number;
  /** Those of it that are kept for the longer of the times that the provider offers. */
  longCacheWriteTokens?: number;
}

/** What a model wrote, as far as it came. */
export interface Written {
  /** Pieces with output in them; of a buffered reply none. */
  readonly deltas: number;
  readonly chars: Chars;
  /** As far as it was kept. */
  readonly text: string;
}

/** Counts the output of a reply while it passes, for the case that the provider does not say how much it was. */
export interface ReplyTally {
  /** A reply has begun that the provider charges for. */
  hasBegun: boolean;
  /** All of a buffered reply was there. */
  isWhole: boolean;
  event(event: SseEvent): void;
  /** @param reply the parsed JSON of a buffered reply; null where it told its usage */
  whole(reply: unknown): void;
  /** The usage that is known is that of all that was written up to here. */
  told(): void;
  written(): Written;
  /** Since `told`. */
  untold(): Written;
}

/** Takes what is said in a request, where its record keeps that. */
export interface ContentTap {
  event(event: SseEvent): void;
  /** @param reply the parsed JSON of a buffered reply */
  whole(reply: unknown): void;
  /** Redacted once more, and cut. */
  told(): RecordedContent;
}

interface RedactionCount {
  readonly rule: string;
  readonly category: Finding['category'];
  readonly direction: Direction;
  readonly action: Finding['action'];
  count: number;
}

interface UninspectedCount {
  readonly direction: Direction;
  readonly reason: UninspectedReason;
  count: number;
}

/** A finding as it is remembered: what and where, and its value by a keyed hash only. */
export interface FindingRecord {
  readonly rule: string;
  readonly direction: Direction;
  readonly action: Finding['action'];
  readonly where: string;
  /** The same for the same value, within one store; empty where the value was too long to be held. */
  readonly hash: string;
}

/** Findings remembered of one exchange; all are counted. */
export const MOST_FINDINGS = 20;

interface RestorationCount {
  readonly category: Finding['category'];
  readonly result: RestoreResult;
  count: number;
}

const NO_TRIALS: readonly Trial[] = [];

/**
 * One call, from its first request byte to its last response byte: what the stages learn and `record` tells.
 * All fields are declared here and set in place, so that every exchange has one hidden class.
 */
export class Exchange implements RedactionLog {
  readonly id: string;
  readonly operation: Operation;
  readonly protocol: Protocol;
  readonly receivedAt: Milliseconds;
  readonly receivedWall: Milliseconds;

  /** The configured model name or glob that matched; `other` before routing. */
  route = 'other';
  requestedModel = '';
  keyName = 'anonymous';
  /** Of its key; empty where it has none. */
  teamName = '';
  isStream = false;
  /** How many choices the app asked for: a stream is complete when each has finished. */
  choices = 1;
  /** The app asked for a stream, whatever it gets. */
  wantsStream = false;

  /** Intention to treat: the arm that was assigned, whatever target served it. Empty outside a rollout. */
  rollout = '';
  arm = '';
  /** The caller chose the arm by header: kept out of the statistics. */
  isArmForced = false;
  /** The unit takes part in no rollout, on purpose. */
  isHeldOut = false;
  /** In the rollouts that the request takes part in; empty where the arm was forced. */
  trials: readonly Trial[] = NO_TRIALS;
  /** Somebody judges this request: its reply is looked at. */
  isObserved = false;
  /** Its end is an entry of the audit trail. */
  isAudited = false;
  /** Those of its trials that are told to the controller. */
  judged: readonly Trial[] = NO_TRIALS;
  /** It is told to the controller as traffic of its route. */
  isTraffic = false;
  /** The values of the segments that somebody declared; null: it has none of them. */
  segments: Readonly<Record<string, string>> | null = null;
  /** What was told while it was open, of trials for which it takes too long; null: of none. */
  late: Map<Trial, Lateness> | null = null;
  /** ISO 639-1, of the prompt; empty where it is not known. */
  language = '';
  /** Null: requests are not traced. */
  trace: RequestTrace | null = null;
  /** How much it looks like a prompt attack, 0 to 1; null: nobody asked. */
  attackScore: number | null = null;

  provider = '';
  /** The upstream's model name as sent. */
  upstreamModel = '';
  /** As the reply names it; empty where nobody asked, or it does not. */
  responseModel = '';
  /** Which of the provider's keys was used; empty where it has one. */
  account = '';
  /** The one that has to be used, as an object that the request names is known to no other; empty: any. */
  homeAccount = '';
  /** Takes the ids that the reply tells of; null: nobody has to know them. */
  made: MadeIds | null = null;
  /** The same as a metric label: configured names only. */
  modelLabel = '';
  /** `provider/model` of the fallback that served it; empty where the first choice did. */
  fallback = '';
  /** `chat-messages`, and what was approximated; null: the provider speaks the app's protocol. */
  translated: string | null = null;
  /** The translation that its reply passes; null: the tokens that a reply tells are the provider's own words. */
  usageSource: { readonly hasUsage: boolean } | null = null;
  /** Null: there is no cache. */
  cache: CacheResult | null = null;
  attempts = 0;
  /** The caller left before anything of an answer was there, of a stream before its first output. */
  isUnanswered = false;

  status = 0;
  outcome: ExchangeOutcome = 'success';
  errorType = '';
  finishReason = '';
  usage: Usage | null = null;
  /** Tokens and money of it were counted by the gateway: the provider did not tell. */
  isEstimated = false;
  /** Null: no limit or budget needs to know. */
  tally: ReplyTally | null = null;
  /** The gateway asked for the usage of a stream, and the app did not: it is taken out again. */
  hidesUsage = false;
  /** How the caller's limits stand, names and values in turn; null: it has none. */
  limitHeaders: readonly string[] | null = null;
  /** Null: nobody asked for one, or the endpoint has no text. */
  observer: ReplyObserver | null = null;
  /** Null: what is said is not kept. */
  content: ContentTap | null = null;
  /** Null: nobody looked at the reply. */
  facts: ReplyFacts | null = null;
  /** Null: no price is known for the model, or no usage. */
  costUsd: number | null = null;
  /** Of the first event that carries output. */
  firstTokenAt: Milliseconds | null = null;
  /** Time spent waiting for the provider, all attempts together. */
  upstreamMs: Milliseconds = 0;
  /** Time spent waiting for others than the provider: the client's upload, the pause before a retry. */
  waitedMs: Milliseconds = 0;
  /** Our own share of the time until the app had its answer: the whole reply, or a stream's headers. Null before. */
  overheadMs: Milliseconds | null = null;

  redactions: RedactionCount[] | null = null;
  restorations: RestorationCount[] | null = null;
  /** The first ones. */
  findings: FindingRecord[] | null = null;
  uninspectedParts: UninspectedCount[] | null = null;
  detectorCalls: DetectorCall[] | null = null;
  heldBytes: Bytes = 0;
  /** Of the reply's body, as far as it came. */
  replyBytes: Bytes = 0;

  /** What policies decided; null: no rule applied. */
  policies: PolicyDecision[] | null = null;
  /** What policies say about the request; null: nothing. */
  tags: Readonly<Record<string, string>> | null = null;

  /** Why the exchange must stop, once it must. */
  aborted: AbortReason | null = null;
  private abortListener: ((reason: AbortReason) => void) | null = null;
  private deadline: Milliseconds = Infinity;
  private deadlineReason: DeadlineReason = 'total_timeout';

  constructor(id: string, operation: Operation, protocol: Protocol, now: Milliseconds, wall: Milliseconds) {
    this.id = id;
    this.operation = operation;
    this.protocol = protocol;
    this.receivedAt = now;
    this.receivedWall = wall;
  }

  /** One listener at a time: the attempt under way. Called at once where the exchange is already aborted. */
  onAbort(listener: ((reason: AbortReason) => void) | null): void {
    this.abortListener = listener;
    if (this.aborted !== null) listener?.(this.aborted);
  }

  abort(reason: AbortReason): void {
    if (this.aborted !== null) return;
    this.aborted = reason;
    this.abortListener?.(reason);
  }

  /** Whatever is still under way with a provider serves nobody any more. */
  stopAttempt(): void {
    this.abortListener?.('client_gone');
  }

  /** @param at on the monotonic clock; replaces the deadline before */
  setDeadline(at: Milliseconds, reason: DeadlineReason): void {
    this.deadline = at;
    this.deadlineReason = reason;
  }

  /** Called some times a second for every open exchange: a timer for each would cost more than most of its stages. */
  checkDeadline(now: Milliseconds): void {
    if (now >= this.deadline) this.abort(this.deadlineReason);
  }

  /** The answer is on its way; the first call counts. */
  answered(now: Milliseconds): void {
    this.overheadMs ??= Math.max(0, now - this.receivedAt - this.upstreamMs - this.waitedMs);
  }

  /** Nobody received the reply. @source nginx's status 499 for a client that closed the request */
  cancelled(): void {
    this.isUnanswered ||= this.overheadMs === null || (this.wantsStream && this.firstTokenAt === null);
    this.status = 499;
    this.fail('cancelled', 'client_gone');
  }

  /** Its reply was another request's: it says nothing about an arm, and costs nothing. */
  servedFromCache(): void {
    this.cache = 'hit';
    this.isObserved = false;
    this.judged = NO_TRIALS;
    this.isTraffic = false;
    this.tally = null;
    this.made = null;
  }

  fail(outcome: ExchangeOutcome, errorType: string): void {
    this.outcome = outcome;
    this.errorType = errorType;
  }

  found(direction: Direction, finding: Finding, where = ''): void {
    const { rule, action, hash = '' } = finding;
    const findings = (this.findings ??= []);
    if (findings.length < MOST_FINDINGS) findings.push({ rule, direction, action, where, hash });
    this.count(direction, finding);
  }

  private count(direction: Direction, finding: Finding): void {
    const counts = (this.redactions ??= []);
    for (const entry of counts) {
      if (entry.rule === finding.rule && entry.direction === direction && entry.action === finding.action) {
        entry.count++;
        return;
      }
    }
    const { rule, category, action } = finding;
    counts.push({ rule, category, direction, action, count: 1 });
    this.trace?.event('sluice.redaction', { rule, category, direction, action });
  }

  uninspected(direction: Direction, reason: UninspectedReason): void {
    const counts = (this.uninspectedParts ??= []);
    const known = counts.find((entry) => entry.direction === direction && entry.reason === reason);
    if (known === undefined) counts.push({ direction, reason, count: 1 });
    else known.count++;
  }

  restored(category: Finding['category'], result: RestoreResult): void {
    const counts = (this.restorations ??= []);
    const known = counts.find((entry) => entry.category === category && entry.result === result);
    if (known === undefined) counts.push({ category, result, count: 1 });
    else known.count++;
  }

  /** A detector outside was asked, or would have been. */
  called(call: DetectorCall): void {
    (this.detectorCalls ??= []).push(call);
    this.trace?.event('sluice.detector', { detector: call.detector, result: call.result });
  }

  /** A policy applied. Told once, for however many targets it did. */
  decided(rule: string, decision: PolicyDecision['decision']): void {
    const decisions = (this.policies ??= []);
    if (decisions.some((each) => each.rule === rule && each.decision === decision)) return;
    decisions.push({ rule, decision });
    this.trace?.event('sluice.policy', { rule, decision });
  }

  tag(tags: Readonly<Record<string, string>>): void {
    this.tags = this.tags === null ? tags : { ...this.tags, ...tags };
  }

  held(bytes: Bytes): void {
    if (bytes > this.heldBytes) this.heldBytes = bytes;
  }

  /** `x-sluice-redacted`: what was changed, `secret.github_pat=1,pii.email=2`; empty where nothing was. */
  redactedHeader(): string {
    if (this.redactions === null) return '';
    const totals = new Map<string, number>();
    for (const { rule, action, count } of this.redactions) {
      if (action !== 'report') totals.set(rule, (totals.get(rule) ?? 0) + count);
    }
    return [...totals].map(([rule, count]) => `${rule}=${count}`).join(',');
  }
}

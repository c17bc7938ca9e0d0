import type { AuditDraft } from './core/audit.ts';
import type { ErrorCode } from './core/errors.ts';
import type { Exchange } from './core/exchange.ts';
import type { RequestRecord } from './core/recent.ts';
import type { JsonValue } from './core/rollout.ts';
import type { RolloutEventDraft } from './rollout/ledger.ts';
import { withoutSecrets } from './audit-scrub.ts';

/** What a policy answers. */
const DENIALS: ReadonlySet<string> = new Set<ErrorCode>(['model_not_allowed', 'policy_denied', 'approval_required']);

/** Of policies, what answers a call. */
const DENYING: ReadonlySet<string> = new Set(['deny', 'approval_required', 'error']);

/** The entries of a request that has ended; mostly none. */
export function auditRequest(exchange: Exchange, record: RequestRecord, add: (draft: AuditDraft) => void): void {
  if (DENIALS.has(exchange.errorType)) add(denial(record));
  if (exchange.redactions !== null && exchange.redactions.some(isBlock)) add(block(exchange, record));
  if (exchange.isAudited) add(request(record));
}

/** What a gateway begins with: the file may have been changed while none was running. */
export function loadedConfig(sha256: string, version: string): AuditDraft {
  return { kind: 'config.loaded', actor: 'config', subject: 'config', detail: { sha256, version } };
}

/** What the configuration file changed; what the API and the controller do is told where they do it. */
export function declaredRollout({
  actor,
  action,
  rollout,
  revision,
  phase,
  weight,
  reason,
}: RolloutEventDraft): AuditDraft {
  return {
    kind: `rollout.${action}`,
    actor,
    subject: `rollout:${rollout}`,
    detail: { revision, phase, weight, reason },
  };
}

function denial(record: RequestRecord): AuditDraft {
  const { operation, route, errorType } = record;
  const requestedModel = modelOf(record);
  const policies = decisionsOf(record);
  const rule = policies.findLast(({ decision }) => DENYING.has(decision))?.rule ?? errorType;
  return of('policy.denied', record, { rule, code: errorType, operation, route, requestedModel, policies });
}

/** Rules, places and keyed hashes: with a hash two blocks of one value can be told, and the value not. */
function block(exchange: Exchange, record: RequestRecord): AuditDraft {
  const findings = record.findings.filter(isBlock).map(({ rule, direction, where, hash }) => ({
    rule,
    direction,
    where,
    hash,
  }));
  const rules = exchange.redactions!.filter(isBlock).map(({ rule, direction, count }) => ({ rule, direction, count }));
  return of('redaction.blocked', record, { operation: record.operation, route: record.route, rules, findings });
}

/** All that is known of it but what its names and texts say. */
function request(record: RequestRecord): AuditDraft {
  const { requestId: _, at, findings, key: __, policies: ___, requestedModel: ____, ...rest } = record;
  const { traceId, spanId, content: _____, ...told } = rest;
  const lists = { policies: decisionsOf(record), findings: findings.map((finding) => ({ ...finding })) };
  const trace = traceId === undefined || spanId === undefined ? {} : { traceId, spanId };
  return of('request', record, { ...told, ...trace, requestedModel: modelOf(record), receivedAt: at, ...lists });
}

/** What was asked for may be anything, unless it is the name of a route. */
function modelOf({ requestedModel, route }: RequestRecord): string {
  return requestedModel === route ? requestedModel : withoutSecrets(requestedModel);
}

function decisionsOf({ policies = [] }: RequestRecord): { rule: string; decision: string }[] {
  return policies.map(({ rule, decision }) => ({ rule, decision }));
}

function of(kind: string, { key, requestId }: RequestRecord, detail: Readonly<Record<string, JsonValue>>): AuditDraft {
  return { kind, actor: `key:${key}`, subject: `request:${requestId}`, detail };
}

function isBlock({ action }: { readonly action: string }): boolean {
  return action === 'block';
}

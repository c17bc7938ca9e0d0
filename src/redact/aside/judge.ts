import { GatewayError } from '../../core/errors.ts';
import { JsonDocument } from '../../core/json-document.ts';
import { LRUCache } from 'lru-cache';
import { ExternalRules } from '../external/external-rules.ts';
import { PolicyRedactor } from '../redactor.ts';
import { Vault } from '../vault.ts';
import { handOver, takeOver } from './job.ts';
import type { Answer, Job } from './job.ts';
import { NoteTaker } from './notes.ts';

/** Routes and keys may each have a policy, and a reload brings new ones. */
const POLICIES_KEPT = 16;

const redactors = new LRUCache<number, PolicyRedactor>({ max: POLICIES_KEPT });

/** Judges a document as its own thread would have. */
export function judge(job: Job): Answer {
  const log = new NoteTaker();
  try {
    const exchange = redactorOf(job).forExchange(job.tenant, job.vault === null ? null : Vault.holding(job.vault));
    // It has been parsed before: what may be refused was refused then.
    const document = JsonDocument.parseReply(takeOver(job.text));
    const redacted = exchange.redactDocument(document, job.direction, log);
    const text = redacted === document ? null : handOver(redacted.text);
    return { kind: 'verdict', text, vault: exchange.contents(), notes: log.notes };
  } catch (error) {
    if (!(error instanceof GatewayError)) return { kind: 'fault', stack: String((error as Error).stack) };
    const { code, message, details } = error;
    return { kind: 'refusal', code, message, details, notes: log.notes };
  }
}

function redactorOf({ policyId, policy, secret }: Job): PolicyRedactor {
  let made = redactors.get(policyId);
  if (made === undefined) {
    made = new PolicyRedactor(policy, Buffer.from(secret), new ExternalRules([], new Map()));
    redactors.set(policyId, made);
  }
  return made;
}

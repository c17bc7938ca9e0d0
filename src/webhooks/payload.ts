import { randomUUID } from 'node:crypto';
import type { WebhookConfig } from '../core/config.ts';
import { compileGlob } from '../core/glob.ts';
import type { RolloutEvent } from '../core/stores.ts';
import type { Milliseconds } from '../core/units.ts';
import { sign } from './signature.ts';

/** `rollout.abort`, `regression.opened`. */
function eventType({ kind, action }: RolloutEvent): string {
  return `${kind}.${action}`;
}

/** Whether a hook wants to be told of an event. */
export function wants({ events, rollouts }: WebhookConfig, event: RolloutEvent): boolean {
  const type = eventType(event);
  if (!events.some((glob) => compileGlob(glob)(type))) return false;
  return event.kind !== 'rollout' || rollouts.some((glob) => compileGlob(glob)(event.rollout));
}

export function eventBody(event: RolloutEvent): string {
  const { id, kind, rollout, revision, phase, weight, actor, reason, detail, at } = event;
  const about = kind === 'rollout' ? { rollout, revision, phase, weight } : { route: rollout };
  return JSON.stringify({
    id: deliveryId(event),
    sequence: id,
    type: eventType(event),
    at: new Date(at).toISOString(),
    ...about,
    actor,
    reason,
    detail,
  });
}

/** The same for every attempt, so that a receiver can tell a repetition. */
export function deliveryId({ id }: RolloutEvent): string {
  return `evt_${id}`;
}

export function questionId(): string {
  return `gate_${randomUUID()}`;
}

/** @source Standard Webhooks: id, time and signature. */
export function deliveryHeaders(
  { secret }: WebhookConfig,
  id: string,
  body: string,
  wall: Milliseconds,
): Readonly<Record<string, string>> {
  const timestamp = Math.floor(wall / 1000);
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'user-agent': 'sluice' };
  return secret === null ? headers : { ...headers, 'webhook-signature': sign(secret, id, timestamp, body) };
}

import { GatewayError } from '../core/errors.ts';
import type { Direction, RedactionLog, UninspectedReason } from '../core/redaction.ts';

const CAUSES: Readonly<Record<UninspectedReason, string>> = {
  invalid_json: 'it says that it is JSON and is none',
  encoding: 'it, or a file in it, is encoded in a way that cannot be undone here',
  charset: 'its text is neither UTF-8 nor UTF-16',
  multipart: 'its parts cannot be told apart',
  media: 'it is, or holds, a document or archive (PDF, ZIP, Office), which is not opened',
  unknown_event: 'it has events of unknown form',
};

/** Counts it, and refuses it where the policy has it. @throws GatewayError */
export function passUninspected(
  failsClosed: boolean,
  direction: Direction,
  reason: UninspectedReason,
  log: RedactionLog,
): void {
  log.uninspected(direction, reason);
  if (failsClosed) throw uninspectable(direction, reason);
}

function uninspectable(direction: Direction, reason: UninspectedReason): GatewayError {
  const cause = `${CAUSES[reason]}, and redaction.failure is "closed".`;
  if (direction === 'request')
    return new GatewayError('uninspectable_body', `The body cannot be inspected for secrets: ${cause}`);
  return new GatewayError('upstream_unavailable', `The provider's reply cannot be inspected for secrets: ${cause}`);
}

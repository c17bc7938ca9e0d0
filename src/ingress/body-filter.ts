import type { FileFormat } from '../core/media-signature.ts';
import type { Direction, RedactionLog, Redactor } from '../core/redaction.ts';
import type { Bytes } from '../core/units.ts';

/** Bytes of a body in, bytes out, in bounded memory; joined they are the same bytes where nothing changes. */
export interface BodyFilter {
  /** From here on the bytes are not looked at: what has left is what came. */
  readonly isRaw: boolean;
  /** @throws GatewayError */
  push(chunk: Buffer): readonly Buffer[];
  /** The rest. @param isBroken the body was cut off. @throws GatewayError */
  finish(isBroken: boolean): readonly Buffer[];
}

/** How a body is inspected. */
export interface Inspection {
  readonly redactor: Redactor;
  readonly direction: Direction;
  readonly log: RedactionLog;
  /** Of what must be there in full before it can be judged: a document, a line of a file of documents. */
  readonly maxBytes: Bytes;
}

/**
 * Counts what passes unread. Pictures, sound and video do by any policy: they are what their endpoints are for.
 * @throws GatewayError where the policy has it refused
 */
export function passUnread(format: FileFormat, { redactor, direction, log }: Inspection): void {
  if (format === 'media') log.uninspected(direction, 'media');
  else redactor.uninspected(direction, format === 'binary' ? 'charset' : 'media', log);
}

export const NOTHING: readonly Buffer[] = [];

/** Bytes that nobody has to judge. */
export const RAW_FILTER: BodyFilter = {
  isRaw: true,
  push: (chunk) => [chunk],
  finish: () => NOTHING,
};

import { isUtf8 } from 'node:buffer';
import { decodeLoose, encodeLoose } from '../core/loose-utf8.ts';
import { formatOf, SIGNATURE_BYTES } from '../core/media-signature.ts';
import type { Finding, UninspectedReason } from '../core/redaction.ts';
import { asUtf8 } from '../core/utf16.ts';
import { redactString } from './text-passes.ts';
import type { ScanContext } from './span-settler.ts';

/** `data:text/csv;base64,` */
const PREFIX = /^data:[^,]*,/i;

interface FileSink {
  found(finding: Finding): void;
  /** @param isRefused where the policy refuses what cannot be read. @throws GatewayError */
  unread(reason: UninspectedReason, isRefused: boolean): void;
}

/** A file in a body, as base64 or as a data URL: inspected decoded, in any set of characters, unless it is no text. */
export function redactFile(context: ScanContext, encoded: string, sink: FileSink): string {
  const begin = PREFIX.exec(encoded)?.[0].length ?? 0;
  const format = formatOf(Buffer.from(encoded.slice(begin, begin + SIGNATURE_BYTES * 2), 'base64'));
  if (format !== null) {
    sink.unread(format === 'binary' ? 'charset' : 'media', format !== 'media');
    return encoded;
  }
  const bytes = Buffer.from(encoded.slice(begin), 'base64');
  const clean = asUtf8(bytes, (text) => redactText(context, text, sink));
  return clean === bytes ? encoded : encoded.slice(0, begin) + clean.toString('base64');
}

function redactText(context: ScanContext, bytes: Buffer, sink: FileSink): Buffer {
  if (!isUtf8(bytes) || bytes.includes(0)) sink.unread('charset', true);
  const text = decodeLoose(bytes);
  const redacted = redactString(context, null, text, false, (finding) => sink.found(finding));
  return redacted === text ? bytes : encodeLoose(redacted);
}

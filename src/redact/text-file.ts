import { isUtf8 } from 'node:buffer';
import type { Finding } from '../core/redaction.ts';
import { redactString } from './text-passes.ts';
import type { ScanContext } from './span-settler.ts';

/** `data:text/csv;base64,` */
const PREFIX = /^data:[^,]*,/;
/** Text has no such character: the file is some other format, which begins with text or is UTF-8 by chance. */
const BINARY = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;

/** A text file in a body, as base64 or as a data URL: inspected decoded. What is no text stays as it is. */
export function redactTextFile(context: ScanContext, encoded: string, onFinding: (finding: Finding) => void): string {
  const prefix = PREFIX.exec(encoded)?.[0] ?? '';
  const bytes = Buffer.from(encoded.slice(prefix.length), 'base64');
  if (!isUtf8(bytes)) return encoded;
  const text = bytes.toString('utf8');
  if (BINARY.test(text)) return encoded;
  const redacted = redactString(context, null, text, false, onFinding);
  return redacted === text ? encoded : prefix + Buffer.from(redacted, 'utf8').toString('base64');
}

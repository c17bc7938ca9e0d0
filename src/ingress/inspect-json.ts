import { isUtf8 } from 'node:buffer';
import { GatewayError, secretDetected } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { JsonDocument } from '../core/json-document.ts';
import type { Direction, Finding, RedactionLog } from '../core/redaction.ts';
import { asUtf8, fromUtf8, toUtf8, utf16Of } from '../core/utf16.ts';
import type { Inspection } from './body-filter.ts';
import { CHECKED_AT_ONCE, redactAside } from './redact-aside.ts';
import { RelayedLog } from './relayed-log.ts';

/**
 * The bytes of one JSON document, redacted: those it was given where nothing changes. What is no JSON is inspected as
 * text, where the policy lets it pass.
 * @throws GatewayError `secret_detected`, `uninspectable_body`
 */
export function inspectJson(bytes: Buffer, inspection: Inspection): Buffer {
  return asUtf8(bytes, (text) => inspectUtf8(text, inspection));
}

function inspectUtf8(bytes: Buffer, inspection: Inspection): Buffer {
  const { redactor, direction, log } = inspection;
  const charset = isUtf8(bytes) ? 'utf8' : 'latin1';
  const text = bytes.toString(charset);
  if (charset === 'utf8' && redactor.isClean(text, direction) && isJson(text)) return bytes;
  if (charset !== 'utf8') redactor.uninspected(direction, 'charset', log);
  const document = tryParse(text);
  if (document === null) {
    if (charset === 'utf8') redactor.uninspected(direction, 'invalid_json', log);
    return inspectAs(charset, bytes, inspection);
  }
  return bytesOf(redactor.redactDocument(document, direction, log), document, { text, bytes, charset });
}

/** As `inspectJson`; others need not wait for a large document of the exchange. @throws as it, and as `redactAside` */
export async function inspectJsonAside(bytes: Buffer, inspection: Inspection, exchange: Exchange): Promise<Buffer> {
  const isLarge = bytes.length > CHECKED_AT_ONCE && isUtf8(bytes);
  const text = isLarge ? bytes.toString('utf8') : '';
  const document = isLarge ? tryParse(text) : null;
  if (document === null) return inspectJson(bytes, inspection);
  const { redactor, direction, log } = inspection;
  const clean = await redactAside(redactor, document, direction, exchange, log);
  return bytesOf(clean, document, { text, bytes, charset: 'utf8' });
}

interface Came {
  readonly text: string;
  readonly bytes: Buffer;
  readonly charset: 'utf8' | 'latin1';
}

/** The bytes that came, where nothing has changed. */
function bytesOf(clean: JsonDocument, document: JsonDocument, { text, bytes, charset }: Came): Buffer {
  return clean === document ? bytes : Buffer.from(hasMark(text) ? MARK + clean.text : clean.text, charset);
}

export type Ask = (document: JsonDocument) => Promise<JsonDocument>;

/** As `inspectJson`, by what others say; what is no JSON has no texts to ask about. @throws what `ask` throws */
export async function askAboutJson(bytes: Buffer, ask: Ask): Promise<Buffer> {
  const charset = utf16Of(bytes);
  if (charset === null || bytes.length % 2 === 1) return askAboutUtf8(bytes, ask);
  const utf8 = toUtf8(bytes, charset);
  const clean = await askAboutUtf8(utf8, ask);
  return clean === utf8 ? bytes : fromUtf8(clean, charset);
}

async function askAboutUtf8(bytes: Buffer, ask: Ask): Promise<Buffer> {
  const text = bytes.toString('utf8');
  const document = isUtf8(bytes) ? tryParse(text) : null;
  if (document === null) return bytes;
  return bytesOf(await ask(document), document, { text, bytes, charset: 'utf8' });
}

/** As text, in the way in which every byte that is not changed comes out as it went in. */
export function inspectAs(charset: 'utf8' | 'latin1', bytes: Buffer, { redactor, direction, log }: Inspection): Buffer {
  const text = bytes.toString(charset);
  const clean = redactor.redactPlain(text, direction, log, '');
  return clean === text ? bytes : Buffer.from(clean, charset);
}

/** Null where the text is no JSON. Some servers and editors begin with a byte order mark, which JSON does not allow. */
export function tryParse(text: string): JsonDocument | null {
  try {
    return JsonDocument.parseReply(hasMark(text) ? text.slice(1) : text);
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** Natively, and without the places of its values. */
function isJson(text: string): boolean {
  if (text.trim() === '') return true;
  try {
    JSON.parse(hasMark(text) ? text.slice(1) : text);
    return true;
  } catch {
    return false;
  }
}

const MARK = '\uFEFF';

function hasMark(text: string): boolean {
  return text.startsWith(MARK);
}

/** The same log, told of places inside of `place`. */
export class PlacedLog extends RelayedLog {
  private readonly place: string;

  constructor(log: RedactionLog, place: string) {
    super(log);
    this.place = place;
  }

  found(direction: Direction, finding: Finding, where: string): void {
    const place = where === '' ? this.place : `${this.place}: ${where}`;
    this.log.found(direction, finding, place);
    // Here, and not by the redactor, which knows the place inside only.
    if (finding.action === 'block') throw secretDetected(finding.rule, place);
  }
}

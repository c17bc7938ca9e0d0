import { isUtf8 } from 'node:buffer';
import { GatewayError, secretDetected } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { JsonDocument } from '../core/json-document.ts';
import type { RedactionLog } from '../core/redaction.ts';
import type { Inspection } from './body-filter.ts';
import { CHECKED_AT_ONCE, redactAside } from './redact-aside.ts';

/**
 * The bytes of one JSON document, redacted: those it was given where nothing changes. What is no JSON is inspected as
 * text, where the policy lets it pass.
 * @throws GatewayError `secret_detected`, `uninspectable_body`
 */
export function inspectJson(bytes: Buffer, inspection: Inspection): Buffer {
  const { redactor, direction, log } = inspection;
  if (!isUtf8(bytes)) {
    redactor.uninspected(direction, 'charset', log);
    return inspectAs('latin1', bytes, inspection);
  }
  const text = bytes.toString('utf8');
  if (redactor.isClean(text, direction) && isJson(text)) return bytes;
  const document = tryParse(text);
  if (document === null) {
    redactor.uninspected(direction, 'invalid_json', log);
    return inspectAs('utf8', bytes, inspection);
  }
  return bytesOf(redactor.redactDocument(document, direction, log), document, text, bytes);
}

/** As `inspectJson`; others need not wait for a large document of the exchange. @throws as it, and as `redactAside` */
export async function inspectJsonAside(bytes: Buffer, inspection: Inspection, exchange: Exchange): Promise<Buffer> {
  const isLarge = bytes.length > CHECKED_AT_ONCE && isUtf8(bytes);
  const text = isLarge ? bytes.toString('utf8') : '';
  const document = isLarge ? tryParse(text) : null;
  if (document === null) return inspectJson(bytes, inspection);
  const { redactor, direction, log } = inspection;
  return bytesOf(await redactAside(redactor, document, direction, exchange, log), document, text, bytes);
}

/** The bytes that came, where nothing has changed. */
function bytesOf(clean: JsonDocument, document: JsonDocument, text: string, bytes: Buffer): Buffer {
  return clean === document ? bytes : Buffer.from(hasMark(text) ? MARK + clean.text : clean.text, 'utf8');
}

export type Ask = (document: JsonDocument) => Promise<JsonDocument>;

/** As `inspectJson`, by what others say; what is no JSON has no texts to ask about. @throws what `ask` throws */
export async function askAboutJson(bytes: Buffer, ask: Ask): Promise<Buffer> {
  const text = bytes.toString('utf8');
  const document = isUtf8(bytes) ? tryParse(text) : null;
  if (document === null) return bytes;
  return bytesOf(await ask(document), document, text, bytes);
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
export class PlacedLog implements RedactionLog {
  private readonly log: RedactionLog;
  private readonly place: string;

  constructor(log: RedactionLog, place: string) {
    this.log = log;
    this.place = place;
  }

  found(...[direction, finding, where]: Parameters<RedactionLog['found']>): void {
    const place = where === '' ? this.place : `${this.place}: ${where}`;
    this.log.found(direction, finding, place);
    // Here, and not by the redactor, which knows the place inside only.
    if (finding.action === 'block') throw secretDetected(finding.rule, place);
  }

  held(bytes: number): void {
    this.log.held(bytes);
  }

  restored(...told: Parameters<RedactionLog['restored']>): void {
    this.log.restored(...told);
  }

  uninspected(...told: Parameters<RedactionLog['uninspected']>): void {
    this.log.uninspected(...told);
  }
}

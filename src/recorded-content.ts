import type { JsonDocument } from './core/json-document.ts';
import type { ContentTap } from './core/exchange.ts';
import type { Operation } from './core/operation.ts';
import type { RecordedContent } from './core/recorded-content.ts';
import type { Redactor, RedactionLog } from './core/redaction.ts';
import type { SseEvent } from './core/sse.ts';
import type { Bytes, Chars } from './core/units.ts';
import { ReplyText } from './outcome/reply-text.ts';

/** A larger body would keep other requests waiting while it is looked through once more. */
const LARGEST_BODY: Chars = 256 * 1024;

/** What is found in it was found and told of before. */
const UNTOLD: RedactionLog = { found() {}, held() {}, restored() {}, uninspected() {} };

/** Endpoints whose replies hold text. */
const WITH_TEXT: ReadonlySet<Operation> = new Set<Operation>(['chat', 'text_completion', 'responses', 'messages']);

/**
 * What was said in one request, for its record. The reply is taken as the provider wrote it, where placeholders stand for
 * values, and never as the client got it.
 */
export class SaidInRequest implements ContentTap {
  private readonly redactor: Redactor;
  private readonly most: Bytes;
  private readonly request: string | null;
  private readonly reply: ReplyText | null;
  private hasFailed = false;
  private content: RecordedContent | null = null;

  /** @param redactor one that hides all that is looked for. @param clean the body as it was sent */
  constructor(redactor: Redactor, operation: Operation, choices: number, clean: JsonDocument, most: Bytes) {
    this.redactor = redactor;
    this.most = most;
    this.request = clean.text.length > LARGEST_BODY ? null : this.hidden(() => bodyText(redactor, clean));
    this.reply = WITH_TEXT.has(operation) ? new ReplyText(operation, choices) : null;
  }

  whole(reply: unknown): void {
    this.read(() => this.reply?.whole(reply));
  }

  event(event: SseEvent): void {
    this.read(() => this.reply?.event(event));
  }

  told(): RecordedContent {
    return (this.content ??= { request: this.request, reply: this.replyText() });
  }

  private replyText(): string | null {
    const text = this.hasFailed ? '' : (this.reply?.text() ?? '');
    return text === '' ? null : this.hidden(() => this.redactor.redactText(text, 'response').text);
  }

  /** A fault here is none of the request's: it leaves the record without this part. */
  private hidden(text: () => string): string | null {
    try {
      return cut(text(), this.most);
    } catch {
      return null;
    }
  }

  private read(take: () => void): void {
    try {
      if (!this.hasFailed) take();
    } catch {
      this.hasFailed = true;
    }
  }
}

function bodyText(redactor: Redactor, clean: JsonDocument): string {
  return redactor.inspects('request') ? redactor.redactDocument(clean, 'request', UNTOLD).text : clean.text;
}

/** Copied: what is cut out of a text keeps all of it in memory. */
function cut(text: string, most: Bytes): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= most) return bytes.toString('utf8');
  // The bytes behind the first one of a character begin with 10.
  let end = most;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

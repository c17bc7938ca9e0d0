import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { parseExactly } from '../core/exact-json.ts';
import type { JsonValue } from '../core/rollout.ts';
import type { SseEvent } from '../core/sse.ts';
import type { EmitEvent } from '../core/stream-transform.ts';
import type {
  ByteTranslation,
  OpenTranslation,
  TranslatedError,
  TranslatedItem,
  TranslatedRequest,
  Translation,
} from '../core/translation.ts';
import type { Bytes } from '../core/units.ts';
import { CallIds } from './call-ids.ts';
import type { StreamPart } from './completion.ts';
import { sseFraming } from './framing.ts';
import type {
  ClientFormat,
  EmitPart,
  EventParser,
  Framing,
  ProviderFormat,
  ReplyContext,
  StreamReader,
  StreamWriter,
} from './format.ts';
import { Notes } from './notes.ts';
import { objectOf } from './provider-json.ts';
import { refuseEmptyChoice } from './tool-choice.ts';

const NOTHING: readonly JsonValue[] = [];
/** Types that say nothing: some servers give one to streams, and their vendor's SDK does not look. */
const UNTYPED = /^(?:$|text\/plain|application\/octet-stream)/;

/** Any client with any provider: what the one reads the other writes. */
export function translation(client: ClientFormat, provider: ProviderFormat, clock: Pick<Clock, 'wall'>): Translation {
  return {
    name: `${client.wire}-${provider.wire}`,
    open(body, model) {
      const conversation = client.readRequest(body);
      const notes = new Notes(client.settingNames, provider.title);
      refuseEmptyChoice(conversation, notes);
      const written = JSON.stringify(provider.writeRequest(conversation, model, notes));
      const path = provider.path(model, conversation.stream);
      const request: TranslatedRequest = { path, body: written, approximated: notes.approximated };
      const now = Math.floor(clock.wall() / 1000);
      return new TranslatedExchange(client, provider, request, {
        conversation,
        id: randomBytes(12).toString('hex'),
        now,
      });
    },
  };
}

class TranslatedExchange implements OpenTranslation {
  hasUsage = false;
  readonly request: TranslatedRequest;
  private readonly client: ClientFormat;
  private readonly provider: ProviderFormat;
  private readonly framing: Framing;
  private readonly context: ReplyContext;
  private told: readonly JsonValue[] = NOTHING;
  private writer: StreamWriter | null = null;

  constructor(client: ClientFormat, provider: ProviderFormat, request: TranslatedRequest, context: ReplyContext) {
    this.client = client;
    this.provider = provider;
    this.framing = provider.framing ?? sseFraming;
    this.request = request;
    this.context = context;
  }

  isStream(contentType = ''): boolean {
    const type = contentType.toLowerCase();
    return type.startsWith(this.framing.contentType) || (this.context.conversation.stream && UNTYPED.test(type));
  }

  reply(body: string): string {
    const completion = this.callIds().namedIn(this.provider.readReply(parseExactly(body)));
    this.hasUsage = completion.usage !== null;
    const written = this.client.writeReply(completion, this.context);
    this.told = this.client.itemsOf?.(written) ?? NOTHING;
    return JSON.stringify(written);
  }

  error(status: number, body: string): TranslatedError {
    const error = this.provider.readError(status, body);
    const { retryAfter = null } = error;
    return { status: error.status, body: JSON.stringify(this.client.writeError(error)), retryAfter };
  }

  openStream(maxEventBytes: Bytes): ByteTranslation {
    const ids = this.callIds();
    const writer = this.client.openWriter(this.context);
    this.writer = writer;
    return new StreamTranslation(this.provider.openReader(), this.framing.openParser(maxEventBytes), (part, emit) => {
      if (part.kind === 'usage') this.hasUsage = true;
      writer.push(ids.named(part), emit);
    });
  }

  items(): readonly TranslatedItem[] {
    if (this.context.conversation.rest.get('store') === false) return [];
    return (this.writer?.items ?? this.told).flatMap((item) => {
      const { id } = objectOf(item);
      return typeof id === 'string' ? [{ id, json: JSON.stringify(item) }] : [];
    });
  }

  private callIds(): CallIds {
    return new CallIds(this.client.wire, this.context.id);
  }
}

class StreamTranslation implements ByteTranslation {
  private readonly reader: StreamReader;
  private readonly parser: EventParser;
  private leaving: Buffer[] = [];
  /** Made once, not for each event. */
  private readonly read: (event: SseEvent) => void;
  private readonly write: EmitPart;

  constructor(reader: StreamReader, parser: EventParser, write: (part: StreamPart, emit: EmitEvent) => void) {
    this.reader = reader;
    this.parser = parser;
    const emit = ({ raw }: SseEvent): void => void this.leaving.push(raw);
    this.write = (part) => write(part, emit);
    this.read = (event) => reader.push(event, this.write);
  }

  push(chunk: Buffer): Buffer | null {
    this.parser.push(chunk, this.read);
    return this.take();
  }

  finish(): Buffer | null {
    const rest = this.parser.finish();
    if (rest !== null) this.read(rest);
    this.reader.flush(this.write);
    return this.take();
  }

  private take(): Buffer | null {
    const { leaving } = this;
    if (leaving.length === 0) return null;
    this.leaving = [];
    return leaving.length === 1 ? leaving[0]! : Buffer.concat(leaving);
  }
}

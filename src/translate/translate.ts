import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { SseEvent } from '../core/sse.ts';
import type { EmitEvent, StreamTransform } from '../core/stream-transform.ts';
import type { OpenTranslation, TranslatedError, TranslatedRequest, Translation } from '../core/translation.ts';
import { CallIds } from './call-ids.ts';
import type { ClientFormat, ProviderFormat, ReplyContext, StreamReader, StreamWriter } from './format.ts';
import { Notes } from './notes.ts';

/** Any client with any provider: what the one reads the other writes. */
export function translation(client: ClientFormat, provider: ProviderFormat, clock: Pick<Clock, 'wall'>): Translation {
  return {
    name: `${client.wire}-${provider.wire}`,
    open(body, model) {
      const conversation = client.readRequest(body);
      const notes = new Notes(client.settingNames, provider.title);
      const written = JSON.stringify(provider.writeRequest(conversation, model, notes));
      const path = provider.path(model, conversation.stream);
      const { framing = 'sse' } = provider;
      const request: TranslatedRequest = { path, body: written, approximated: notes.approximated, framing };
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
  readonly request: TranslatedRequest;
  private readonly client: ClientFormat;
  private readonly provider: ProviderFormat;
  private readonly context: ReplyContext;

  constructor(client: ClientFormat, provider: ProviderFormat, request: TranslatedRequest, context: ReplyContext) {
    this.client = client;
    this.provider = provider;
    this.request = request;
    this.context = context;
  }

  reply(body: string): string {
    const completion = this.callIds().namedIn(this.provider.readReply(JSON.parse(body)));
    return JSON.stringify(this.client.writeReply(completion, this.context));
  }

  error(status: number, body: string): TranslatedError {
    const error = this.provider.readError(status, body);
    return { status: error.status, body: JSON.stringify(this.client.writeError(error)) };
  }

  openStream(): StreamTransform {
    return new StreamTranslation(this.provider.openReader(), this.client.openWriter(this.context), this.callIds());
  }

  private callIds(): CallIds {
    return new CallIds(this.client.wire, this.context.id);
  }
}

class StreamTranslation implements StreamTransform {
  private readonly reader: StreamReader;
  private readonly writer: StreamWriter;
  private readonly ids: CallIds;

  constructor(reader: StreamReader, writer: StreamWriter, ids: CallIds) {
    this.reader = reader;
    this.writer = writer;
    this.ids = ids;
  }

  push(event: SseEvent, emit: EmitEvent): void {
    this.reader.push(event, (part) => this.writer.push(this.ids.named(part), emit));
  }

  /** Where the provider broke off, what was held back is told; the stream then ends without an end. */
  flush(_reason: 'end' | 'abort', emit: EmitEvent): void {
    this.reader.flush((part) => this.writer.push(this.ids.named(part), emit));
  }
}

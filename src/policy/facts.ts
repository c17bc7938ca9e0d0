import type { ModelCall } from '../core/call.ts';
import type { Exchange } from '../core/exchange.ts';
import { metadataOf, type Principal } from '../core/principal.ts';
import type { Milliseconds } from '../core/units.ts';
import { readBody, type BodyFacts } from './body-facts.ts';
import { bounded, boundedList, whole } from './bounds.ts';
import type { VARIABLES, VariablePath } from './variables.ts';

const NO_COUNTS: ReadonlyMap<string, number> = new Map();

/** What a reply is judged by. */
export interface ReplyView {
  readonly language: string;
  readonly isRefusal: boolean;
}

const NO_REPLY: ReplyView = { language: '', isRefusal: false };

/** What the rules of one request may read; nothing is worked out that no rule asks for. */
export class PolicyFacts {
  readonly exchange: Exchange;
  readonly principal: Principal;
  readonly wall: Milliseconds;
  call: ModelCall;
  targetProvider = '';
  targetModel = '';
  reply: ReplyView = NO_REPLY;
  private bodyFacts: BodyFacts | null = null;
  private dateNow: Date | null = null;

  /** @param wall the time of day */
  constructor(exchange: Exchange, principal: Principal, call: ModelCall, wall: Milliseconds) {
    this.exchange = exchange;
    this.principal = principal;
    this.call = call;
    this.wall = wall;
  }

  get body(): BodyFacts {
    return (this.bodyFacts ??= readBody(this.call.document, this.exchange.operation));
  }

  get ownMetadata(): ReadonlyMap<string, string> {
    return metadataOf(this.principal);
  }

  get date(): Date {
    return (this.dateNow ??= new Date(this.wall));
  }

  redactions(by: 'rule' | 'category'): ReadonlyMap<string, number> {
    const { redactions } = this.exchange;
    if (redactions === null) return NO_COUNTS;
    const counts = new Map<string, number>();
    for (const entry of redactions)
      if (entry.direction === 'request') counts.set(entry[by], (counts.get(entry[by]) ?? 0) + entry.count);
    return counts;
  }

  get findings(): number {
    let total = 0;
    for (const { direction, count } of this.exchange.redactions ?? []) if (direction === 'request') total += count;
    return total;
  }
}

type ValueOf = {
  string: string;
  int: number;
  double: number;
  bool: boolean;
  'list<string>': readonly string[];
  'map<string, string>': ReadonlyMap<string, string>;
  'map<string, int>': ReadonlyMap<string, number>;
};
type Readers = { readonly [Path in VariablePath]: (facts: PolicyFacts) => ValueOf[(typeof VARIABLES)[Path]['type']] };

/** Where each variable comes from. @throws RangeError where a value is too long to be judged */
export const READERS: Readers = {
  'request.model': ({ call }) => bounded(call.model ?? ''),
  'request.operation': ({ exchange }) => exchange.operation,
  'request.protocol': ({ exchange }) => exchange.protocol,
  'request.stream': ({ call }) => call.stream,
  'request.user': ({ call }) => bounded(call.user ?? ''),
  'request.max_tokens': ({ body }) => body.maxTokens,
  'request.temperature': ({ body }) => body.temperature,
  'request.choices': ({ exchange }) => whole(exchange.choices),
  'request.tools': ({ body }) => boundedList(body.tools),
  'request.messages': ({ body }) => body.messages,
  'request.images': ({ body }) => body.images,
  'request.has_system': ({ body }) => body.hasSystem,
  'request.input_tokens': ({ body }) => Math.ceil(body.chars / 4),
  'request.bytes': ({ call }) => call.bytes.length,
  'key.name': ({ principal }) => principal.name,
  'key.anonymous': ({ principal }) => principal.isAnonymous,
  'key.id': ({ principal }) => principal.id,
  'key.team': ({ principal }) => principal.team?.name ?? principal.metadata['team'] ?? '',
  'key.owner': ({ principal }) => principal.owner ?? principal.metadata['owner'] ?? '',
  'key.metadata': ({ ownMetadata }) => ownMetadata,
  metadata: ({ call }) => call.metadata,
  'time.hour': ({ date }) => date.getUTCHours(),
  'time.weekday': ({ date }) => date.getUTCDay(),
  'time.date': ({ date }) => date.toISOString().slice(0, 10),
  'time.unix': ({ wall }) => Math.floor(wall / 1000),
  'attack.score': ({ exchange }) => exchange.attackScore ?? 0,
  'redaction.findings': ({ findings }) => findings,
  'redaction.rules': (facts) => facts.redactions('rule'),
  'redaction.categories': (facts) => facts.redactions('category'),
  'target.provider': ({ targetProvider }) => targetProvider,
  'target.model': ({ targetModel }) => bounded(targetModel),
  'response.finish_reason': ({ exchange }) => bounded(exchange.finishReason),
  'response.language': ({ reply }) => reply.language,
  'response.bytes': ({ exchange }) => exchange.replyBytes,
  'response.output_tokens': ({ exchange }) => whole(exchange.usage?.outputTokens ?? 0),
  'response.refusal': ({ reply }) => reply.isRefusal,
};

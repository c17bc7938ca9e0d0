import { idsInBody } from './affinity/named-ids.ts';
import { idsInReply, madeIdsOf } from './affinity/made-ids.ts';
import type { ObjectHomes } from './affinity/object-homes.ts';
import { listedObjects, resultsAtGateway, withoutEntries } from './affinity/reply-edits.ts';
import type { Clock } from './core/clock.ts';
import type { ModelCall } from './core/call.ts';
import { GatewayError } from './core/errors.ts';
import { applyEdits, JsonDocument } from './core/json-document.ts';
import type { Home } from './core/object-ids.ts';
import { tenantOf, type Principal } from './core/principal.ts';
import type { Milliseconds } from './core/units.ts';
import type { ReplyEditor } from './ingress/reply.ts';
import type { OpenCall } from './open-calls.ts';

/** Providers keep a response for so long, and its items with it. @source https://platform.openai.com/docs/guides/your-data */
const RESPONSES_KEPT: Milliseconds = 31 * 24 * 3_600_000;
/** Of those that go with a response. Files, conversations and all else stay until somebody deletes them. */
const OF_RESPONSE = /^(?!conv_)(?:resp|msg|rs|fc|ws|fs|ci|ig|mcp|mcpl|mcpr|cu|lsh|ct|cntr|chatcmpl)[_-]/;

/** With one provider and nobody to tell apart, every object has one place and one owner. */
export function keepsObjects({ snapshot }: OpenCall, principal: Principal): boolean {
  return snapshot.upstreams.size > 1 || !principal.isAnonymous;
}

/**
 * Where the objects live that a parsed call names; from now on its reply is looked at for new ones.
 * @throws GatewayError, at once or later, as `ObjectHomes.find`
 */
export function homeOfCall(
  open: OpenCall,
  principal: Principal,
  { document }: ModelCall,
  objects: ObjectHomes,
  clock: Clock,
): Home | null | Promise<Home | null> {
  const { exchange } = open;
  if (!KEEPING.has(exchange.operation) || !keepsObjects(open, principal)) return null;
  const named = idsInBody(document);
  const store = document.member(document.root, 'store');
  const keeps = store === null ? null : document.isTrue(store);
  exchange.made = madeIdsOf(exchange.operation, keeps, (ids) => note(open, principal, ids, named, objects, clock));
  return named.length === 0 ? null : objects.find(tenantOf(principal), named);
}

const KEEPING: ReadonlySet<string> = new Set(['chat', 'responses', 'messages', 'count_tokens', 'text_completion']);

/** @param named what the request named was there before */
function note(
  { exchange }: OpenCall,
  principal: Principal,
  ids: readonly string[],
  named: readonly string[],
  objects: ObjectHomes,
  clock: Clock,
): void {
  const made = named.length === 0 ? ids : ids.filter((id) => !named.includes(id));
  const home = { provider: exchange.provider, account: exchange.account };
  const until = clock.wall() + RESPONSES_KEPT;
  const tenant = tenantOf(principal);
  const [passing, lasting] = [made.filter((id) => OF_RESPONSE.test(id)), made.filter((id) => !OF_RESPONSE.test(id))];
  if (passing.length > 0) objects.made(tenant, home, passing, until);
  if (lasting.length > 0) objects.made(tenant, home, lasting, null);
}

/** The JSON replies of calls that are passed through: new objects are noted, others' left out of lists. */
export class PassedReply implements ReplyEditor {
  private readonly open: OpenCall;
  private readonly principal: Principal;
  private readonly named: readonly string[];
  private readonly objects: ObjectHomes;
  private readonly clock: Clock;

  private constructor(
    open: OpenCall,
    principal: Principal,
    named: readonly string[],
    objects: ObjectHomes,
    clock: Clock,
  ) {
    this.open = open;
    this.principal = principal;
    this.named = named;
    this.objects = objects;
    this.clock = clock;
  }

  /** Null where there is nothing to note and nothing to change. */
  static of(
    open: OpenCall,
    principal: Principal,
    named: readonly string[],
    objects: ObjectHomes,
    clock: Clock,
  ): PassedReply | null {
    const isBatch = open.incoming.url!.startsWith('/v1/messages/batches');
    if (!isBatch && !keepsObjects(open, principal)) return null;
    return new PassedReply(open, principal, named, objects, clock);
  }

  edit(text: string): string | Promise<string> {
    const document = parsed(text);
    if (document === null) return text;
    const edited = applyEdits(text, resultsAtGateway(document, originOf(this.open)));
    if (!keepsObjects(this.open, this.principal) || this.open.exchange.status >= 300) return edited;
    this.note(JSON.parse(text));
    return this.open.incoming.method === 'GET' ? this.withoutOthers(edited) : edited;
  }

  private note(reply: unknown): void {
    const { open, principal, named, objects, clock } = this;
    const { method = 'GET' } = open.incoming;
    const { own, derived } = idsInReply(reply);
    if (method === 'DELETE') {
      if (own !== null && objects.isOwn(tenantOf(principal), own)) void objects.deleted(own);
      return;
    }
    const isOfOwn = own !== null && objects.isOwn(tenantOf(principal), own);
    const isNew = method === 'POST' && own !== null && !named.includes(own);
    const ids = [...(isNew ? [own] : []), ...(isNew || isOfOwn ? derived : [])];
    if (ids.length > 0) note(open, principal, ids, named, objects, clock);
  }

  /** A provider lists what its key has made: whoever asks sees that of others. */
  private async withoutOthers(text: string): Promise<string> {
    const document = JsonDocument.parseReply(text);
    const listed = listedObjects(document);
    if (listed === null || listed.length === 0) return text;
    const others = await this.objects.foreign(
      tenantOf(this.principal),
      listed.map(({ id }) => id),
    );
    const hidden = new Set(listed.filter(({ id }) => others.has(id)).map(({ node }) => node));
    return applyEdits(text, withoutEntries(document, hidden));
  }
}

function parsed(text: string): JsonDocument | null {
  try {
    return JsonDocument.parseReply(text);
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** As the client reaches the gateway; what it says wrongly about that is told to nobody else. */
function originOf({ incoming, snapshot }: OpenCall): string {
  const { publicUrl } = snapshot.config.gateway;
  if (publicUrl !== null) return publicUrl;
  const forwarded = incoming.headers['x-forwarded-proto'];
  const scheme = typeof forwarded === 'string' && /^\s*https\b/i.test(forwarded) ? 'https' : 'http';
  return `${scheme}://${incoming.headers.host ?? ''}`;
}

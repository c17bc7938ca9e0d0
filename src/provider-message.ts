import type { ModelCall } from './core/call.ts';
import { parseExactly } from './core/exact-json.ts';
import { JsonDocument } from './core/json-document.ts';
import type { Operation } from './core/operation.ts';
import type { Provider } from './core/provider.ts';
import { CLIENT_WIRES, type OpenTranslation } from './core/translation.ts';
import { upstreamBody, upstreamText, type BodyChanges, type UpstreamBody } from './route/upstream-body.ts';
import { vendorBody, vendorChanges } from './route/vendor-body.ts';
import type { ToldItems } from './told-items.ts';
import { translationFor } from './translations.ts';

/** What of a call is sent to one provider. */
interface MessageSource {
  readonly call: ModelCall;
  /** The body after redaction. */
  readonly document: JsonDocument;
  readonly operation: Operation;
  readonly changes: BodyChanges;
  readonly provider: Provider;
  /** The provider's name of it; empty where the call names none. */
  readonly model: string;
  readonly caller: string;
  /** Null: what the call names by its id alone stays as it is. */
  readonly told: ToldItems | null;
}

export interface ProviderMessage {
  /** From the version on. */
  readonly path: string;
  readonly body: UpstreamBody;
  /** Null: the provider speaks the app's protocol. */
  readonly translation: OpenTranslation | null;
  /** `x-sluice-translated`; null: everything is sent as the app wrote it. */
  readonly told: string | null;
}

/** What the vendor calls the model of a target. */
export function sentModel(provider: Provider, model: string): string {
  return provider.modelName?.(model) ?? model;
}

/** @throws GatewayError `invalid_request` where the provider cannot be told what the app asks for */
export function providerMessage(source: MessageSource): ProviderMessage {
  const { provider, operation } = source;
  const changes = namedChanges(source);
  const translation = translationFor(operation, provider);
  if (translation !== null)
    return translated(source, translation.name, translation.open(asked(source, changes), source.model));
  const { call, document } = source;
  const isInDialect = provider.bodyRules !== undefined && CLIENT_WIRES[operation] === provider.wire;
  if (!isInDialect)
    return { path: call.path, body: upstreamBody(call, document, operation, changes), translation: null, told: null };
  const rules = provider.bodyRules!;
  const adapted = vendorBody(document, rules, provider.type);
  const body = upstreamBody(call, adapted.document, operation, vendorChanges(changes, rules));
  return { path: call.path, body, translation: null, told: told(provider.type, adapted.unsent) };
}

/** The model under the name that the vendor has for it. */
function namedChanges({ changes, call, model, provider }: MessageSource): BodyChanges {
  if (provider.modelName === undefined || call.model === null) return changes;
  return { ...changes, model: model === call.model ? null : model };
}

function asked({ document, operation, caller, told }: MessageSource, changes: BodyChanges): unknown {
  const body: unknown = parseExactly(upstreamText(document, operation, changes));
  return operation === 'responses' && told !== null ? told.resolved(caller, body) : body;
}

function translated({ provider }: MessageSource, name: string, translation: OpenTranslation): ProviderMessage {
  const { path, body, approximated } = translation.request;
  const { text, unsent } = inDialect(body, provider);
  return {
    path,
    body: { bytes: Buffer.from(text, 'utf8'), encoding: null },
    translation,
    told: toldAs(name, [...approximated, ...unsent]),
  };
}

function inDialect(body: string, { bodyRules, type }: Provider): { text: string; unsent: readonly string[] } {
  if (bodyRules === undefined) return { text: body, unsent: [] };
  const { document, unsent } = vendorBody(JsonDocument.parse(body), bodyRules, type);
  return { text: document.text, unsent };
}

/** More names than these are only counted: a header has its limits. */
const MOST_NAMED = 32;

function toldAs(pair: string, approximated: readonly string[]): string {
  const rest = approximated.length - MOST_NAMED;
  const named = [pair, ...approximated.slice(0, MOST_NAMED)];
  return rest > 0 ? [...named, `and ${rest} more`].join(', ') : named.join(', ');
}

function told(vendor: string, unsent: readonly string[]): string | null {
  return unsent.length === 0 ? null : toldAs(vendor, unsent);
}

import type { ModelCall } from '../../src/core/call.ts';
import type { RouteConfig } from '../../src/core/config.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { RequestFacts } from '../../src/route/assign-arm.ts';

export function route(name: string, target: string, fallbacks: readonly string[] = []): RouteConfig {
  const isGlob = name.includes('*');
  return {
    name,
    isGlob,
    target: toTarget(target),
    targets: [],
    fallbacks: fallbacks.map(toTarget),
    hedge: null,
    redaction: null,
    detectsAttacks: null,
    audit: false,
    cacheTtl: null,
  };
}

/** `provider/model`, or `provider` where the name is kept. */
export function toTarget(text: string): { provider: string; model: string | null } {
  const [provider = '', model = null] = text.split('/');
  return { provider, model };
}

export function call(text: string, more: Partial<ModelCall> = {}): ModelCall {
  const document = JsonDocument.parse(text);
  return {
    model: document.string(document.member(document.root, 'model')),
    stream: false,
    user: null,
    metadata: new Map(),
    document,
    bytes: Buffer.from(text),
    encoding: null,
    path: '/v1/chat/completions',
    ...more,
  };
}

export function facts(more: Partial<RequestFacts> = {}): RequestFacts {
  return {
    requestId: 'request-1',
    model: 'chat-fast',
    keyName: null,
    user: null,
    metadata: new Map(),
    forcedArm: null,
    ...more,
  };
}

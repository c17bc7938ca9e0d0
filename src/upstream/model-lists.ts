import type { Clock } from '../core/clock.ts';
import type { ListedModel } from '../core/provider.ts';
import type { Bytes, Milliseconds } from '../core/units.ts';
import type { UpstreamRequest } from './attempt.ts';
import { upstreamHeaders } from './request-headers.ts';
import type { Upstream } from './upstream.ts';

const FRESH: Milliseconds = 300_000;
/** A provider that has just failed is not asked again for so long. */
const PAUSE: Milliseconds = 30_000;
/** Clients wait five seconds for a list, and some of them belong to the network. */
const TIME_LIMIT: Milliseconds = 4_000;
const MOST_BYTES: Bytes = 8 * 1024 * 1024;
const MOST_MODELS = 10_000;

/** Whose list it is, where a provider is called with the caller's own key. */
export interface Caller {
  readonly rawHeaders: readonly string[];
  readonly consumed: readonly string[];
}

interface Kept {
  models: readonly ListedModel[];
  /** On the monotonic clock: until then nobody asks again. */
  until: Milliseconds;
  pending: Promise<void> | null;
}

/** The providers' own lists of models: asked once for all callers, kept for a while, an old one rather than none. */
export class ModelLists {
  private readonly clock: Clock;
  /** A provider whose settings change is another one. */
  private readonly kept = new WeakMap<Upstream, Kept>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Never rejects: a provider that does not answer in time adds nothing. */
  async listOf(upstream: Upstream, caller: Caller): Promise<readonly ListedModel[]> {
    const { provider } = upstream;
    if (provider.modelList === undefined && !provider.speaks('models')) return NONE;
    if (upstream.config.key.kind === 'client') return fetchModels(upstream, caller).catch(() => NONE);
    const kept = this.keptOf(upstream);
    if (this.clock.now() >= kept.until) await (kept.pending ??= this.refresh(upstream, kept));
    return kept.models;
  }

  private keptOf(upstream: Upstream): Kept {
    let kept = this.kept.get(upstream);
    if (kept === undefined) {
      kept = { models: NONE, until: Number.NEGATIVE_INFINITY, pending: null };
      this.kept.set(upstream, kept);
    }
    return kept;
  }

  private async refresh(upstream: Upstream, kept: Kept): Promise<void> {
    try {
      kept.models = await fetchModels(upstream, NOBODY);
      kept.until = this.clock.now() + FRESH;
    } catch {
      kept.until = this.clock.now() + PAUSE;
    }
    kept.pending = null;
  }
}

const NONE: readonly ListedModel[] = [];
const NOBODY: Caller = { rawHeaders: [], consumed: [] };

/** @throws Error where there is no list in time */
async function fetchModels(upstream: Upstream, { rawHeaders, consumed }: Caller): Promise<readonly ListedModel[]> {
  const { dispatcher, credentials } = upstream;
  const request = listRequest(upstream, rawHeaders, consumed);
  const authorized = credentials?.authorize(request, '');
  if (authorized instanceof Promise) await authorized;
  const { method, path, headers } = request;
  const signal = AbortSignal.timeout(TIME_LIMIT);
  const { statusCode, body } = await dispatcher.request({ method: method as 'GET', path, headers, signal });
  const bytes: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error('The list of models is too long.');
    bytes.push(chunk);
  }
  if (statusCode !== 200) throw new Error(`The provider answered ${statusCode}.`);
  const reply: unknown = JSON.parse(Buffer.concat(bytes).toString('utf8'));
  const { modelList } = upstream.provider;
  return modelList === undefined ? modelsIn(reply) : modelList.read(reply).slice(0, MOST_MODELS);
}

function listRequest(
  { provider, config, basePath }: Upstream,
  rawHeaders: readonly string[],
  consumed: readonly string[],
): UpstreamRequest {
  // It is fetched for all that ask next: no one's trace.
  const plan = { provider, key: config.key, extra: config.headers, isTranslated: true, trace: null, tellsTrace: false };
  // Anthropic's comes in pages; others ignore what they do not know.
  const query = provider.wire === 'messages' ? '?limit=1000' : '';
  return {
    method: 'GET',
    path: provider.upstreamPath(basePath, provider.modelList?.path ?? `/v1/models${query}`),
    headers: upstreamHeaders(onlyCredentials(rawHeaders), plan, consumed, null),
    body: null,
    firstByteTimeout: TIME_LIMIT,
    idleTimeout: TIME_LIMIT,
    queueTimeout: null,
  };
}

function onlyCredentials(rawHeaders: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (/^(?:authorization|x-api-key)$/i.test(rawHeaders[i]!)) kept.push(rawHeaders[i]!, rawHeaders[i + 1]!);
  return kept;
}

function modelsIn(reply: unknown): readonly ListedModel[] {
  const { data } = reply as { readonly data?: unknown };
  if (!Array.isArray(data)) throw new Error('The reply is no list of models.');
  return data.slice(0, MOST_MODELS).filter((model): model is ListedModel => typeof model?.id === 'string');
}

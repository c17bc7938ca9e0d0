import { describe, expect, it } from 'vitest';
import type { ProviderKey } from '../../src/core/provider-key.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import { upstreamHeaders } from '../../src/upstream/request-headers.ts';

const CONFIGURED: ProviderKey = { kind: 'configured', value: 'sk-provider' };

interface Options {
  readonly key?: ProviderKey;
  readonly extra?: Record<string, string>;
  readonly type?: keyof typeof PROVIDERS;
  readonly consumed?: readonly string[];
  readonly encoding?: string | null;
}

/** Lower-case names with their values, in the order sent. */
function sent(
  raw: readonly string[],
  { key = CONFIGURED, extra = {}, type = 'openai', consumed = [], encoding = null }: Options = {},
): [string, string][] {
  const flat = upstreamHeaders(
    raw,
    { provider: PROVIDERS[type], key, extra, isTranslated: false, trace: null, tellsTrace: true },
    consumed,
    encoding,
  );
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2]!.toLowerCase(), flat[index * 2 + 1]!]);
}

const names = (headers: readonly (readonly [string, string])[]): string[] => headers.map(([name]) => name);

describe('the headers for a provider', () => {
  it("are the client's own, in order and spelling, with repetitions", () => {
    const raw = ['X-Stainless-Lang', 'js', 'OpenAI-Beta', 'a', 'OpenAI-Beta', 'b', 'Idempotency-Key', 'k'];
    expect(
      upstreamHeaders(
        raw,
        {
          provider: PROVIDERS.openai,
          key: { kind: 'none' },
          extra: {},
          isTranslated: false,
          trace: null,
          tellsTrace: true,
        },
        [],
        null,
      ),
    ).toEqual([...raw, 'accept-encoding', 'identity']);
  });

  it.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Authenticate',
    'Proxy-Authorization',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Host',
    'Content-Length',
    'Content-Encoding',
    'Expect',
    'Accept-Encoding',
    'X-Sluice-Arm',
    'x-sluice-anything',
  ])("never hold the client's %s", (name) => {
    const headers = sent([name, 'close', 'x-kept', '1']);
    expect(headers.filter(([, value]) => value === 'close')).toEqual([]);
    expect(names(headers)).toContain('x-kept');
  });

  it('lose what Connection names', () => {
    const raw = ['Connection', 'close, X-Secret ,x-other', 'X-Secret', '1', 'X-Other', '2', 'x-kept', '3'];
    expect(names(sent(raw, { key: { kind: 'none' } }))).toEqual(['x-kept', 'accept-encoding']);
    expect(names(sent(['Connection', 'keep-alive', 'keep-alive-not', '1']))).toContain('keep-alive-not');
  });

  it("carry the configured key and none of the client's", () => {
    const headers = sent(['Authorization', 'Bearer client', 'X-Api-Key', 'client']);
    expect(headers).toEqual([
      ['authorization', 'Bearer sk-provider'],
      ['accept-encoding', 'identity'],
    ]);
    expect(sent(['Authorization', 'Bearer client'], { type: 'anthropic' })).toContainEqual([
      'x-api-key',
      'sk-provider',
    ]);
  });

  it("carry the client's own key where the provider says so, and never one of ours", () => {
    const raw = ['Authorization', 'Bearer client', 'X-Api-Key', 'sk-sluice'];
    expect(sent(raw, { key: { kind: 'client' }, consumed: ['x-api-key'] })).toEqual([
      ['authorization', 'Bearer client'],
      ['accept-encoding', 'identity'],
    ]);
    expect(names(sent(raw, { key: { kind: 'client' }, consumed: ['authorization', 'x-api-key'] }))).toEqual([
      'accept-encoding',
    ]);
    expect(names(sent(raw, { key: { kind: 'none' } }))).toEqual(['accept-encoding']);
  });

  it("let the configuration's headers win over the client's and the vendor's", () => {
    const headers = sent(['Anthropic-Version', 'client', 'X-Team', 'client'], {
      type: 'anthropic',
      key: { kind: 'none' },
      extra: { 'anthropic-version': 'configured', 'x-team': 'configured' },
    });
    expect(headers).toEqual([
      ['anthropic-version', 'configured'],
      ['x-team', 'configured'],
      ['accept-encoding', 'identity'],
    ]);
  });

  it('hold what the vendor demands only where the client left it out', () => {
    const versions = (raw: string[]): string[] =>
      sent(raw, { type: 'anthropic' }).flatMap(([name, value]) => (name === 'anthropic-version' ? [value] : []));
    expect(versions([])).toEqual(['2023-06-01']);
    expect(versions(['Anthropic-Version', '2030-01-01'])).toEqual(['2030-01-01']);
  });

  it('name the encoding of the body as it is sent', () => {
    expect(sent(['Content-Encoding', 'gzip'], { encoding: 'gzip' })).toContainEqual(['content-encoding', 'gzip']);
    expect(names(sent(['Content-Encoding', 'gzip']))).not.toContain('content-encoding');
  });

  it('pass names that stand on every object by nature', () => {
    expect(names(sent(['constructor', '1', '__proto__', '2', 'toString', '3']))).toEqual(
      expect.arrayContaining(['constructor', '__proto__', 'tostring']),
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { AwsKey } from '../../src/core/provider-key.ts';
import { signV4 } from '../../src/providers/sigv4.ts';

/** The requests and signatures of the test suite that AWS publishes with the specification. */
const KEY: AwsKey = {
  kind: 'aws',
  region: 'us-east-1',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: null,
};
const SESSION =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
const TIME = Date.UTC(2015, 7, 30, 12, 36, 0);

function signed(method: string, path: string, body = '', key = KEY, extra = {}): Record<string, string> {
  const request = { method, host: 'example.amazonaws.com', path, body: Buffer.from(body) };
  const flat = signV4(key, 'service', request, TIME, extra);
  return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]));
}

const signatureOf = (headers: Record<string, string>): string => headers['authorization']!.split('Signature=')[1]!;

describe('a signature of version 4', () => {
  it.each([
    ['get-vanilla', 'GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['post-vanilla', 'POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-vanilla-query',
      'POST',
      '/?Param1=value1',
      '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
    ],
    [
      'get-relative-relative',
      'GET',
      '/example1/example2/../..',
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    ['get-slashes', 'GET', '//example//', '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84'],
  ])('is that of the published example %s', (_, method, path, signature) => {
    expect(signatureOf(signed(method, path))).toBe(signature);
  });

  it('covers the session token of temporary credentials, which is sent beside it', () => {
    const headers = signed('POST', '/', '', { ...KEY, sessionToken: SESSION });
    expect(headers['x-amz-security-token']).toBe(SESSION);
    expect(headers['x-amz-date']).toBe('20150830T123600Z');
    expect(signatureOf(headers)).toBe('85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead');
  });

  it('names what it covers, and depends on body and further headers', () => {
    const plain = signed('POST', '/model/anthropic.claude-3%3A0/converse', '{}');
    expect(plain['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, SignedHeaders=host;x-amz-date, Signature=[0-9a-f]{64}$/,
    );
    const others = [
      signed('POST', '/model/anthropic.claude-3%3A0/converse', '{ }'),
      signed('POST', '/model/anthropic.claude-3:0/converse', '{}'),
      signed('POST', '/model/anthropic.claude-3%3A0/converse', '{}', KEY, { 'x-extra': '1' }),
    ];
    expect(new Set([plain, ...others].map(signatureOf)).size).toBe(4);
  });

  it('is that of its own day and service, also where the same credentials signed before', () => {
    const request = { method: 'GET', host: 'h', path: '/', body: Buffer.alloc(0) };
    const day = 86_400_000;
    const key = { ...KEY };
    const of = (credentials: AwsKey, service: string, time: number) => signV4(credentials, service, request, time);
    for (const [service, time] of [
      ['a', TIME],
      ['a', TIME + day],
      ['b', TIME + day],
      ['a', TIME],
    ] as const)
      expect(of(key, service, time)).toEqual(of({ ...KEY }, service, time));
  });
});

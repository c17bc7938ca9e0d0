import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ProviderConfig } from '../../src/core/config.ts';
import type { GoogleKey } from '../../src/core/provider-key.ts';
import { OPERATIONS } from '../../src/core/operation.ts';
import { PROVIDERS, providerFor } from '../../src/providers/registry.ts';
import { providerConfig } from '../upstream/support.ts';

const of = (different: Partial<ProviderConfig>) => providerFor({ ...providerConfig('p'), ...different });
const CALL = { model: 'gpt 4o', isStream: false };

describe('Azure OpenAI', () => {
  const azure = (apiVersion: string | null, deployments = {}, api: 'chat' | 'responses' = 'chat') =>
    of({ type: 'azure-openai', azure: { apiVersion, deployments }, api });

  it('is called by the v1 API where no version is set', () => {
    const { upstreamPath } = azure(null);
    expect(upstreamPath('', '/v1/chat/completions', CALL)).toBe('/openai/v1/chat/completions');
    expect(upstreamPath('/openai/v1', '/v1/files?limit=1')).toBe('/openai/v1/files?limit=1');
  });

  it('is called by deployment and version where one is set, and by version alone for what is about no model', () => {
    const { upstreamPath } = azure('2024-10-21');
    expect(upstreamPath('', '/v1/chat/completions', CALL)).toBe(
      '/openai/deployments/gpt%204o/chat/completions?api-version=2024-10-21',
    );
    expect(upstreamPath('/proxy/openai', '/v1/embeddings?a=1', CALL)).toBe(
      '/proxy/openai/deployments/gpt%204o/embeddings?a=1&api-version=2024-10-21',
    );
    expect(upstreamPath('', '/v1/responses', CALL)).toBe('/openai/responses?api-version=2024-10-21');
    expect(upstreamPath('', '/v1/files')).toBe('/openai/files?api-version=2024-10-21');
  });

  it('names a model by its deployment, and others as they are', () => {
    const { modelName } = azure(null, { 'gpt-4o': 'prod' });
    expect([modelName!('gpt-4o'), modelName!('o3'), modelName!('toString')]).toEqual(['prod', 'o3', 'toString']);
  });

  it('has its key in a header of its own, and translates to what is configured', () => {
    expect(PROVIDERS['azure-openai'].authHeader('k')).toEqual(['api-key', 'k']);
    expect(azure(null, {}, 'responses').wire).toBe('responses');
  });

  it('asks Entra for a token with the credentials of the application', () => {
    const key = { kind: 'entra', tenant: 't', clientId: 'c', clientSecret: 's', authority: 'https://login' } as const;
    expect(PROVIDERS['azure-openai'].tokenRequest!(key, 0)).toEqual({
      url: 'https://login/t/oauth2/v2.0/token',
      form: {
        grant_type: 'client_credentials',
        client_id: 'c',
        client_secret: 's',
        scope: 'https://cognitiveservices.azure.com/.default',
      },
    });
  });
});

describe('Google', () => {
  it('is called by the paths of its own format, and serves no endpoint of other protocols itself', () => {
    const gemini = PROVIDERS['google-gemini'];
    expect(gemini.upstreamPath('', '/v1beta/models/g:generateContent')).toBe('/v1beta/models/g:generateContent');
    expect(gemini.authHeader('k')).toEqual(['x-goog-api-key', 'k']);
    expect(OPERATIONS.filter((operation) => gemini.speaks(operation))).toEqual([]);
  });

  const vertex = (publisher: 'google' | 'anthropic') =>
    of({ type: 'google-vertex', vertex: { project: 'p', location: 'l', publisher } });

  it('has models of Vertex under project and location', () => {
    expect(vertex('google').upstreamPath('', '/v1beta/models/g:streamGenerateContent?alt=sse')).toBe(
      '/v1/projects/p/locations/l/publishers/google/models/g:streamGenerateContent?alt=sse',
    );
  });

  it('has models of Anthropic at Vertex, with the model in the path and the version in the body', () => {
    const claude = vertex('anthropic');
    expect([claude.wire, claude.speaks('messages'), claude.speaks('chat')]).toEqual(['messages', true, false]);
    const place = '/v1/projects/p/locations/l/publishers/anthropic/models/claude%403';
    const path = (isStream: boolean) =>
      claude.upstreamPath('', '/v1/messages?beta=true', { model: 'claude@3', isStream });
    expect([path(false), path(true)]).toEqual([`${place}:rawPredict`, `${place}:streamRawPredict`]);
    expect(claude.bodyRules).toMatchObject({ omitsModel: true, added: { anthropic_version: '"vertex-2023-10-16"' } });
  });

  it('is asked for a token with an assertion that the service account signed', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const key: GoogleKey = { kind: 'google', email: 'a@b', privateKey: pem, keyId: 'k1', tokenUrl: 'https://t/token' };
    const { url, form } = PROVIDERS['google-vertex'].tokenRequest!(key, 1_700_000_000_999)!;
    expect([url, form!['grant_type']]).toEqual(['https://t/token', 'urn:ietf:params:oauth:grant-type:jwt-bearer']);
    const [header, claims, signature] = form!['assertion']!.split('.') as [string, string, string];
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' });
    expect(read(claims)).toEqual({
      iss: 'a@b',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: 'https://t/token',
      iat: 1_700_000_000,
      exp: 1_700_003_600,
    });
    const isGood = verify(
      'sha256',
      Buffer.from(`${header}.${claims}`),
      createPublicKey(pem),
      Buffer.from(signature, 'base64url'),
    );
    expect(isGood).toBe(true);
  });
});

describe('Amazon Bedrock', () => {
  it('takes a key of its own as a bearer, and signs with others', () => {
    const { authHeader, sign, upstreamPath } = PROVIDERS['aws-bedrock'];
    expect(authHeader('k')).toEqual(['authorization', 'Bearer k']);
    expect(upstreamPath('', '/model/a%3A1/converse')).toBe('/model/a%3A1/converse');
    const request = { method: 'POST', host: 'h', path: '/model/a%3A1/converse', body: Buffer.from('{}') };
    const key = {
      kind: 'aws',
      region: 'eu-west-1',
      accessKeyId: 'A',
      secretAccessKey: 's',
      sessionToken: null,
    } as const;
    expect(sign!(key, request, 0)!.join(' ')).toContain('Credential=A/19700101/eu-west-1/bedrock/aws4_request');
    expect(sign!({ kind: 'none' }, request, 0)).toBeNull();
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Environment } from '../../src/config/environment.ts';
import { describeConfig } from '../../src/config/redacted-config.ts';
import { COMPATIBLE_TYPES, type ProviderConfig } from '../../src/core/config.ts';
import { COMPATIBLE } from '../../src/providers/compatible.ts';
import { parse, problemsOf } from './load-text.ts';

const file = (provider: object): string =>
  JSON.stringify({ providers: { p: provider }, models: { '*': { provider: 'p' } } });
const provider = (settings: object, environment: Environment = {}): ProviderConfig =>
  parse(file(settings), environment).config.providers[0]!;
const problem = (settings: object, environment: Environment = {}): string =>
  problemsOf(file(settings), environment)
    .map(({ line, column, message, fix }) => `${line}:${column} ${message}; ${fix}`)
    .join('\n');

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const PEM = RSA.export({ type: 'pkcs8', format: 'pem' }) as string;
const ACCOUNT = {
  client_email: 'a@b',
  private_key: PEM,
  private_key_id: 'k',
  project_id: 'proj',
  type: 'service_account',
};

describe('a compatible vendor', () => {
  it.each(COMPATIBLE_TYPES)('%s has the base URL of the table unless it is given', (type) => {
    expect(provider({ type, apiKey: 'k' })).toMatchObject({ type, baseUrl: COMPATIBLE[type].baseUrl });
    expect(provider({ type, baseUrl: 'http://127.0.0.1:1/v1/' }).baseUrl).toBe('http://127.0.0.1:1/v1');
  });

  it('without a key that it needs is warned of, with one or at an address of its own it is not', () => {
    const warnings = (settings: object) => parse(file(settings)).warnings.map(({ message }) => message);
    expect(warnings({ type: 'groq', apiKey: '' })).toEqual([
      '"providers.p" has no key, and groq answers nobody without one',
    ]);
    for (const settings of [
      { type: 'groq', apiKey: 'k' },
      { type: 'groq', headers: { Authorization: 'Bearer k' } },
      { type: 'groq', baseUrl: 'http://127.0.0.1:1' },
      { type: 'ollama' },
    ])
      expect(warnings(settings)).toEqual([]);
  });
});

describe('several keys', () => {
  it('are a pool; empty ones do not count, and one alone is a key as any other', () => {
    const cooldown = { limited: 1_000, refused: 600_000 };
    expect(provider({ type: 'openai', apiKeys: ['a', '', 'b'], keyCooldown: { limited: '1s' } }).key).toEqual({
      kind: 'pool',
      values: ['a', 'b'],
      cooldown,
    });
    expect(provider({ type: 'openai', apiKeys: ['', 'b'] }).key).toEqual({ kind: 'configured', value: 'b' });
    expect(provider({ type: 'openai', apiKeys: [''] }).key).toEqual({ kind: 'none' });
  });

  it('are refused beside one key, twice, or where one is the word for the key of the caller', () => {
    expect(problem({ type: 'openai', apiKey: 'a', apiKeys: ['b'] })).toContain('"providers.p.apiKeys" stands beside');
    const twice = problem({ type: 'openai', apiKeys: ['sk-same', 'x', 'sk-same'] });
    expect(twice).toContain('"providers.p.apiKeys[2]" is the same as "apiKeys[0]"');
    expect(twice).not.toContain('sk-same');
    expect(problem({ type: 'openai', apiKeys: ['client', 'b'] })).toContain('"providers.p.apiKeys[0]" is no key');
  });
});

describe('azure-openai', () => {
  const ENTRA = { tenant: 't', clientId: 'c', clientSecret: 'entra-secret' };

  it('is at the address of its resource, or at another one', () => {
    expect(provider({ type: 'azure-openai', resource: 'mine', apiKey: 'k' })).toMatchObject({
      baseUrl: 'https://mine.openai.azure.com',
      azure: { apiVersion: null, deployments: {} },
    });
    expect(problem({ type: 'azure-openai', apiKey: 'k' })).toContain('has neither a resource nor a baseUrl');
    expect(problem({ type: 'azure-openai', resource: 'a', baseUrl: 'http://h' })).toContain('a resource and a baseUrl');
    expect(problem({ type: 'azure-openai', resource: 'a.evil/' })).toMatch(/^\d+:\d+ .*resource" must be the name/);
  });

  it('is used with an application of Entra instead of a key', () => {
    const settings = { type: 'azure-openai', resource: 'mine', entra: ENTRA };
    expect(provider(settings).key).toEqual({ kind: 'entra', ...ENTRA, authority: 'https://login.microsoftonline.com' });
    expect(problem({ ...settings, apiKey: 'k' })).toContain('"providers.p.entra" stands beside a key');
    const metadata = { ...ENTRA, authority: 'http://169.254.169.254' };
    expect(problem({ ...settings, entra: metadata })).toContain('"providers.p.entra.authority" leads to');
    expect(problem({ ...settings, entra: { ...ENTRA, tenant: '../x' } })).toContain('must be a tenant');
  });
});

describe('azure-openai without a secret', () => {
  const settings = (entra: string) => ({ type: 'azure-openai', resource: 'mine', entra });
  const POD = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_FEDERATED_TOKEN_FILE: '/token' };

  it('is the workload that the cluster names', () => {
    expect(provider(settings('workload-identity'), POD).key).toEqual({
      kind: 'entra-workload',
      tenant: 't',
      clientId: 'c',
      tokenFile: '/token',
      authority: 'https://login.microsoftonline.com',
    });
    expect(problem(settings('workload-identity'), { AZURE_CLIENT_ID: 'c' })).toContain(
      'needs AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE in the environment',
    );
  });

  it('is the machine, or the app where that says where to ask', () => {
    expect(provider(settings('managed-identity')).key).toEqual({
      kind: 'entra-managed',
      clientId: null,
      endpoint: 'http://169.254.169.254',
      header: null,
    });
    const app = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41/msi/token', IDENTITY_HEADER: 'h', AZURE_CLIENT_ID: 'c' };
    expect(provider(settings('managed-identity'), app).key).toMatchObject({
      clientId: 'c',
      endpoint: 'http://127.0.0.1:41/msi/token',
      header: 'h',
    });
    const stranger = { ...app, IDENTITY_ENDPOINT: 'http://example.com' };
    expect(problem(settings('managed-identity'), stranger)).toContain('over plain HTTP');
    expect(problem(settings('my-identity'))).toContain('must be an application or an identity');
  });
});

describe('google-vertex by application default credentials', () => {
  const VERTEX = { type: 'google-vertex', project: 'proj' };
  const USER = {
    type: 'authorized_user',
    client_id: 'c',
    client_secret: 's',
    refresh_token: 'r',
    quota_project_id: 'q',
  };

  it('is the account of the file that the environment names, or of gcloud', () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-test-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const named = join(home, 'named.json');
    writeFileSync(named, JSON.stringify(ACCOUNT));
    mkdirSync(join(home, '.config/gcloud'), { recursive: true });
    writeFileSync(join(home, '.config/gcloud/application_default_credentials.json'), JSON.stringify(USER));
    const byName = provider({ type: 'google-vertex' }, { HOME: home, GOOGLE_APPLICATION_CREDENTIALS: named });
    expect([byName.key.kind, byName.vertex!.project]).toEqual(['google', 'proj']);
    const usual = provider({ type: 'google-vertex' }, { HOME: home });
    expect(usual.key).toMatchObject({
      kind: 'google-user',
      refreshToken: 'r',
      tokenUrl: 'https://oauth2.googleapis.com/token',
    });
    expect(usual.vertex!.project).toBe('q');
  });

  it('is the machine where it is told so', () => {
    const onMachine = { ...VERTEX, serviceAccount: 'metadata' };
    expect(provider(onMachine).key).toEqual({ kind: 'google-metadata', endpoint: 'http://metadata.google.internal' });
    expect(provider(onMachine, { GCE_METADATA_HOST: '127.0.0.1:41' }).key).toMatchObject({
      endpoint: 'http://127.0.0.1:41',
    });
    expect(problem(onMachine, { GCE_METADATA_HOST: 'example.com' })).toContain('over plain HTTP');
    expect(problem({ type: 'google-vertex', serviceAccount: 'metadata' })).toContain('names no project');
  });

  it('is refused without any, and with what is not read', () => {
    expect(problem(VERTEX)).toContain('has no credentials (looked at serviceAccount, GOOGLE_APPLICATION_CREDENTIALS');
    const external = { type: 'external_account', audience: 'secret-pool' };
    const told = problem({ ...VERTEX, serviceAccount: external });
    expect(told).toContain('is of a type that is not read');
    expect(told).not.toContain('secret-pool');
    expect(problem({ ...VERTEX, serviceAccount: { ...USER, refresh_token: '' } })).toContain('has no client_id');
  });
});

describe('google-vertex', () => {
  const VERTEX = { type: 'google-vertex', location: 'europe-west4' };

  it('reads its service account from a file or from the configuration', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'account.json');
    writeFileSync(path, JSON.stringify(ACCOUNT));
    const key = {
      kind: 'google',
      email: 'a@b',
      privateKey: PEM,
      keyId: 'k',
      tokenUrl: 'https://oauth2.googleapis.com/token',
    };
    for (const serviceAccount of [ACCOUNT, JSON.stringify(ACCOUNT), path])
      expect(provider({ ...VERTEX, serviceAccount })).toMatchObject({
        key,
        baseUrl: 'https://europe-west4-aiplatform.googleapis.com',
        vertex: { project: 'proj', location: 'europe-west4', publisher: 'google' },
      });
    const global = provider({ type: 'google-vertex', project: 'other', serviceAccount: ACCOUNT });
    expect([global.baseUrl, global.vertex!.project]).toEqual(['https://aiplatform.googleapis.com', 'other']);
  });

  it.each([
    ['a file that is not there', '/nowhere/account.json', 'names a file that cannot be read (ENOENT)'],
    ['what is no JSON', '{ "private_key": "secret"', 'is no JSON'],
    ['a key that is none', { ...ACCOUNT, private_key: 'secret' }, 'has no client_email with an RSA private_key'],
    ['an address of metadata', { ...ACCOUNT, token_uri: 'http://169.254.169.254/token' }, 'leads to'],
    ['an account without a project', { ...ACCOUNT, project_id: '' }, 'names no project'],
  ])('refuses %s, and quotes nothing of it', (_, serviceAccount, message) => {
    const told = problem({ ...VERTEX, serviceAccount });
    expect(told).toContain(message);
    expect(told).not.toMatch(/secret"|PRIVATE/);
  });
});

describe('aws-bedrock', () => {
  const KEYS = { accessKeyId: 'AKID', secretAccessKey: 'aws-secret' };
  const ENVIRONMENT = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'ENV',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_SESSION_TOKEN: 't',
  };

  it('is signed with access keys of the file', () => {
    expect(provider({ type: 'aws-bedrock', region: 'us-east-1', ...KEYS }, ENVIRONMENT)).toMatchObject({
      baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
      key: { kind: 'aws', region: 'us-east-1', ...KEYS, sessionToken: null },
    });
  });

  it('takes what the file does not say from the environment, an API key before access keys', () => {
    expect(provider({ type: 'aws-bedrock' }, ENVIRONMENT)).toMatchObject({
      baseUrl: 'https://bedrock-runtime.eu-west-1.amazonaws.com',
      key: { kind: 'aws', accessKeyId: 'ENV', secretAccessKey: 's', sessionToken: 't' },
    });
    const bearer = { ...ENVIRONMENT, AWS_BEARER_TOKEN_BEDROCK: 'bearer' };
    expect(provider({ type: 'aws-bedrock' }, bearer).key).toEqual({ kind: 'configured', value: 'bearer' });
    expect(provider({ type: 'aws-bedrock', ...KEYS }, bearer).key).toMatchObject({ accessKeyId: 'AKID' });
    expect(provider({ type: 'aws-bedrock', apiKey: 'k' }, bearer).key).toEqual({ kind: 'configured', value: 'k' });
  });

  it('is refused without region, credentials or half of them', () => {
    expect(problem({ type: 'aws-bedrock', ...KEYS })).toContain('"providers.p" has no region');
    expect(problem({ type: 'aws-bedrock', region: 'r' })).toContain('"providers.p" has no credentials');
    expect(problem({ type: 'aws-bedrock', region: 'r', accessKeyId: 'a' })).toContain('has no secretAccessKey');
    expect(problem({ type: 'aws-bedrock', region: 'r', apiKey: 'k', ...KEYS })).toContain('stands beside a key');
    expect(problem({ type: 'aws-bedrock', region: 'r', apiKey: 'client' })).toContain(
      'cannot be the key of the caller',
    );
  });

  it('finds the credentials that a cluster, a container or a profile gives, one source only', () => {
    const sourceOf = (environment: Environment, settings: object = {}) => {
      const { key } = provider({ type: 'aws-bedrock', region: 'eu-west-1', ...settings }, environment);
      return key.kind === 'aws-role' ? key.source : key.kind;
    };
    const pod = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:r' };
    const task = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/id' };
    const eks = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/token',
    };
    expect(sourceOf({ ...pod, ...task })).toEqual({
      kind: 'web-identity',
      roleArn: 'arn:r',
      tokenFile: '/token',
      sessionName: 'sluice',
    });
    expect(sourceOf(task)).toMatchObject({ kind: 'container', url: 'http://169.254.170.2/v2/id', tokenFile: null });
    expect(sourceOf(eks)).toMatchObject({ url: 'http://169.254.170.23/v1/credentials', tokenFile: '/token' });
    expect(sourceOf({ ...pod, AWS_PROFILE: 'p', HOME: '/home/u' })).toMatchObject({
      kind: 'profile',
      profile: 'p',
      credentialsFile: '/home/u/.aws/credentials',
      configFile: '/home/u/.aws/config',
    });
    expect(sourceOf({ ...pod, AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' })).toBe('aws');
    expect(sourceOf(pod, { profile: 'mine' })).toMatchObject({ kind: 'profile', profile: 'mine' });
    expect(sourceOf(pod, { instanceRole: true })).toEqual({ kind: 'instance', endpoint: 'http://169.254.169.254' });
    expect(provider({ type: 'aws-bedrock', region: 'cn-north-1' }, pod).key).toMatchObject({
      stsUrl: 'https://sts.cn-north-1.amazonaws.com.cn',
    });
  });

  it('takes the default profile where its file is there and nothing is named', () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-test-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    writeFileSync(join(home, 'mine'), '');
    const environment = { HOME: home, AWS_SHARED_CREDENTIALS_FILE: join(home, 'mine') };
    expect(provider({ type: 'aws-bedrock', region: 'r' }, environment).key).toMatchObject({
      source: { kind: 'profile', profile: 'default', credentialsFile: join(home, 'mine') },
    });
  });

  it('refuses sources that stand beside each other, lack a half, or would be told to a stranger', () => {
    const bedrock = { type: 'aws-bedrock', region: 'r' };
    expect(problem({ ...bedrock, profile: 'p', instanceRole: true })).toContain('instanceRole" stands beside profile');
    expect(problem({ ...bedrock, apiKey: 'k', profile: 'p' })).toContain('profile" stands beside a key');
    expect(problem(bedrock, { AWS_WEB_IDENTITY_TOKEN_FILE: '/t' })).toContain('without a role; set AWS_ROLE_ARN');
    const stranger = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/creds' };
    expect(problem(bedrock, stranger)).toContain('is given credentials over plain HTTP by "example.com"');
    expect(
      problem(bedrock, {
        AWS_WEB_IDENTITY_TOKEN_FILE: '/t',
        AWS_ROLE_ARN: 'r',
        AWS_ENDPOINT_URL_STS: 'http://169.254.169.254',
      }),
    ).toContain('leads to');
    expect(problem(bedrock)).toContain('looked at the file, AWS_BEARER_TOKEN_BEDROCK, AWS_ACCESS_KEY_ID, AWS_PROFILE');
  });

  it('gets nothing that is passed through', () => {
    const text = JSON.stringify({
      providers: { p: { type: 'aws-bedrock', region: 'r', apiKey: 'k' } },
      passthrough: { provider: 'p' },
    });
    expect(problemsOf(text)[0]!.message).toContain('is of type aws-bedrock, which calls cannot be passed through to');
  });
});

describe('the dump of the configuration', () => {
  it('shows of every kind of credentials who it is, and nothing that proves it', () => {
    const { config } = parse(
      JSON.stringify({
        providers: {
          pool: { type: 'openai', apiKeys: ['sk-secret-1', 'sk-secret-2'] },
          azure: {
            type: 'azure-openai',
            resource: 'r',
            entra: { tenant: 't', clientId: 'c', clientSecret: 'x-secret-3' },
          },
          vertex: { type: 'google-vertex', serviceAccount: ACCOUNT },
          aws: {
            type: 'aws-bedrock',
            region: 'r',
            accessKeyId: 'AKID',
            secretAccessKey: 'x-secret-4',
            sessionToken: 'x-secret-5',
          },
        },
        models: { '*': { provider: 'pool' } },
      }),
    );
    const task = {
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/secret-6',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'x-secret-7',
    };
    const role = parse(file({ type: 'aws-bedrock', region: 'r' }), task).config;
    expect(JSON.stringify(describeConfig(role))).toContain(
      '"key":{"kind":"aws-role","region":"r","source":{"kind":"container"}}',
    );
    const text = JSON.stringify([describeConfig(config), describeConfig(role)]);
    expect(text).not.toMatch(/secret-\d|PRIVATE/);
    for (const known of ['"keys":2', '"clientId":"c"', '"email":"a@b"', '"accessKeyId":"AKID"'])
      expect(text).toContain(known);
  });
});

describe('equal targets', () => {
  const models = (model: object): string =>
    JSON.stringify({ providers: { a: { type: 'simulator' }, b: { type: 'simulator' } }, models: { m: model } });

  it('stand in the order of their priorities', () => {
    const targets = [
      { provider: 'a', priority: 2 },
      { provider: 'b', model: 'x', weight: 2.5 },
    ];
    const [route] = parse(models({ targets, hedge: {} })).config.routes;
    expect(route).toMatchObject({
      target: { provider: 'b', model: 'x' },
      targets: [
        { provider: 'b', model: 'x', weight: 2.5, priority: 0 },
        { provider: 'a', model: null, weight: 1, priority: 2 },
      ],
      hedge: { after: 'p95', budget: 5 },
    });
  });

  it.each([
    [{ targets: [{ provider: 'a' }], target: 'a/x' }, '"models.m" has a target and a targets'],
    [{ targets: [] }, '"models.m.targets" is empty'],
    [{ targets: [{ provider: 'a' }, { provider: 'a' }] }, '"models.m.targets[1]" is there already'],
    [{ targets: [{ provider: 'c' }] }, '"models.m.targets[0].provider" names the unknown provider "c"'],
    [{ targets: [{ provider: 'a', weight: 0 }] }, '"models.m.targets[0].weight" must be a weight'],
    [{ targets: [{ provider: 'a', model: 'x' }], fallbacks: ['a/x'] }, '"models.m.fallbacks[0]" is tried already'],
    [{ target: 'a/x', hedge: {} }, '"models.m.hedge" has no second target'],
    [
      { target: 'a/x', fallbacks: ['b/x'], hedge: { after: 'soon' } },
      '"models.m.hedge.after" must be p95 or a duration',
    ],
  ])('are refused where they make no sense (%#)', (model, message) => {
    expect(
      problemsOf(models(model))
        .map((each) => each.message)
        .join(),
    ).toContain(message);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AwsSource, ProviderKey } from '../../src/core/provider-key.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import type { CredentialNotice } from '../../src/upstream/credentials.ts';
import { send } from '../../src/upstream/send.ts';
import { Upstream } from '../../src/upstream/upstream.ts';
import {
  answerChat,
  answerJson,
  closedPort,
  startFakeUpstream,
  type UpstreamCall,
  type UpstreamHandler,
} from '../support/fake-upstream.ts';
import { candidate, FakeClock, newExchange, post, providerConfig, sendContext } from './support.ts';

const HOUR = 3_600_000;

type CloudType = 'aws-bedrock' | 'google-vertex' | 'azure-openai';

/** A provider of a cloud, the service that gives credentials for it, and a call. */
async function open(
  type: CloudType,
  keyAt: (url: string) => ProviderKey,
  tokens: UpstreamHandler,
  answer = answerChat as UpstreamHandler,
) {
  const clock = new FakeClock();
  const service = await startFakeUpstream(tokens);
  const cloud = await startFakeUpstream(answer);
  const config = { ...providerConfig('cloud'), key: keyAt(service.url), type };
  const notices: CredentialNotice[] = [];
  const upstream = new Upstream(config, PROVIDERS[type], cloud.url, clock, (notice) => notices.push(notice));
  onTestFinished(() => upstream.close());
  const pass = (time: number): void => {
    clock.time += time;
    clock.epoch += time;
  };
  const call = async () => {
    const request = () => post({ headers: [] });
    const reply = await send(newExchange(), [candidate(upstream, { request })], sendContext(clock));
    return reply.attempt.status;
  };
  const failure = async (): Promise<string> => String(await call().catch((error: unknown) => (error as Error).message));
  const signedBy = () =>
    cloud.calls.map(({ headers }) => /Credential=([^/]+)/.exec(String(headers['authorization']))?.[1]);
  return { clock, service, cloud, upstream, pass, call, failure, signedBy, notices };
}

function folder(files: Readonly<Record<string, string>>): (name: string) => string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return (name) => join(path, name);
}

const role =
  (source: (url: string) => AwsSource) =>
  (url: string): ProviderKey => ({
    kind: 'aws-role',
    region: 'eu-west-1',
    stsUrl: url,
    source: source(url),
  });
const container = (path: string, token: string | null = null, tokenFile: string | null = null) =>
  role((url) => ({ kind: 'container', url: `${url}${path}`, token, tokenFile }));
const inAnHour = (clock: FakeClock) => new Date(clock.epoch + HOUR).toISOString();
const jsonKey = (id: string, clock: FakeClock) => ({
  Code: 'Success',
  AccessKeyId: id,
  SecretAccessKey: `secret-of-${id}`,
  Token: `session-of-${id}`,
  Expiration: inAnHour(clock),
});
const stsKey = ({ outgoing }: UpstreamCall, id: string, clock: FakeClock) =>
  outgoing.end(
    `<AssumeRoleResponse><Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>secret-of-${id}</SecretAccessKey>` +
      `<SessionToken>session/of+${id}==</SessionToken><Expiration>${inAnHour(clock)}</Expiration></Credentials></AssumeRoleResponse>`,
  );
const formOf = ({ body }: UpstreamCall) => Object.fromEntries(new URLSearchParams(body.toString()));

describe('the role of a pod (web identity)', () => {
  const opened = async (token: string | null, answer?: UpstreamHandler) => {
    const at = folder(token === null ? {} : { token });
    let asked = 0;
    const made = await open(
      'aws-bedrock',
      role(() => ({
        kind: 'web-identity',
        roleArn: 'arn:aws:iam::1:role/r',
        tokenFile: at('token'),
        sessionName: 'sluice',
      })),
      (request) => (answer === undefined ? void stsKey(request, `KEY${asked++}`, made.clock) : answer(request)),
    );
    return { ...made, at };
  };

  it('is asked for with the token of the file, once for all requests, and signs them', async () => {
    const { call, service, cloud, signedBy } = await opened('jwt-of-the-pod\n');
    expect(await Promise.all([call(), call(), call()])).toEqual([200, 200, 200]);
    expect(service.calls.map(formOf)).toEqual([
      {
        Version: '2011-06-15',
        Action: 'AssumeRoleWithWebIdentity',
        RoleArn: 'arn:aws:iam::1:role/r',
        RoleSessionName: 'sluice',
        WebIdentityToken: 'jwt-of-the-pod',
      },
    ]);
    expect(signedBy()).toEqual(['KEY0', 'KEY0', 'KEY0']);
    expect(cloud.calls[0]!.headers['x-amz-security-token']).toBe('session/of+KEY0==');
  });

  it('is renewed before its time is up, with a token that the cluster wrote anew, while requests go on', async () => {
    const { call, service, pass, signedBy, at } = await opened('first');
    await call();
    writeFileSync(at('token'), 'second');
    pass(0.85 * HOUR);
    await call();
    expect(signedBy()).toEqual(['KEY0', 'KEY0']);
    while (signedBy().at(-1) === 'KEY0') await call();
    expect(service.calls.map((request) => formOf(request)['WebIdentityToken'])).toEqual(['first', 'second']);
  });

  it('goes on with what it has while it cannot be renewed, which the log tells, until that ends', async () => {
    let asked = 0;
    const made = await open('aws-bedrock', container('/creds'), (request) =>
      asked++ === 0 ? answerJson(request, jsonKey('KEY', made.clock)) : answerJson(request, {}, 503),
    );
    const { call, service, pass, notices, failure } = made;
    await call();
    pass(0.85 * HOUR);
    expect(await call()).toBe(200);
    while (notices.length === 0) expect(await call()).toBe(200);
    expect(service.calls.length).toBe(2);
    expect(notices).toEqual([
      { unrenewed: expect.stringMatching(/^container credentials: 127\.0\.0\.1:\d+ answered 503$/) },
    ]);
    pass(0.2 * HOUR);
    expect(await failure()).toContain('answered 503');
  });

  it('that is not to be had says what was asked and what came of it', async () => {
    const denied = await opened(
      'jwt-secret',
      ({ outgoing }) =>
        void outgoing.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>jwt-secret</Message></Error>'),
    );
    const told = await denied.failure();
    expect(told).toMatch(/no credentials for it \(web identity: 127\.0\.0\.1:\d+ answered 403 AccessDenied\)/);
    expect(told).not.toContain('jwt-secret');
    expect(await (await opened(null)).failure()).toContain('web identity: the token file is not there');
    const odd = await opened('t', ({ outgoing }) => void outgoing.end('<html>'));
    expect(await odd.failure()).toContain('holds no credentials');
  });
});

describe('the credentials of a container', () => {
  it('are asked for with the token of the file, which is read anew, or the one of the environment', async () => {
    const at = folder({ token: 'first\n' });
    const made = await open('aws-bedrock', container('/v1/credentials', 'plain', at('token')), (request) =>
      answerJson(request, jsonKey('POD', made.clock)),
    );
    await made.call();
    writeFileSync(at('token'), 'second');
    made.pass(2 * HOUR);
    await made.call();
    expect(made.service.calls.map(({ url, headers }) => [url, headers['authorization']])).toEqual([
      ['/v1/credentials', 'first'],
      ['/v1/credentials', 'second'],
    ]);
    expect(made.signedBy()).toEqual(['POD', 'POD']);
    const plain = await open('aws-bedrock', container('/v2/credentials/id', 'plain'), (request) =>
      answerJson(request, jsonKey('TASK', plain.clock)),
    );
    await plain.call();
    expect(plain.service.calls[0]!.headers['authorization']).toBe('plain');
  });

  it.each([{ Expiration: '2001-01-01T00:00:00Z' }, { Expiration: 'soon' }, { Code: 'Failed' }, { Token: undefined }])(
    'that have expired, or are not whole, are none (%o)',
    async (different) => {
      const made = await open('aws-bedrock', container('/'), (request) =>
        answerJson(request, { ...jsonKey('OLD', made.clock), ...different }),
      );
      expect(await made.failure()).toContain('holds no credentials');
    },
  );
});

describe('the role of an instance', () => {
  const metadata =
    (answers: Readonly<Record<string, (call: UpstreamCall) => void>>): UpstreamHandler =>
    (call) => {
      const answer = answers[`${call.method} ${call.url}`];
      if (answer === undefined) answerJson(call, {}, 404);
      else answer(call);
    };
  const ROLES = '/latest/meta-data/iam/security-credentials/';
  const instance = role((url) => ({ kind: 'instance', endpoint: url }));

  it('is read in three steps, with a session', async () => {
    const made = await open(
      'aws-bedrock',
      instance,
      metadata({
        'PUT /latest/api/token': ({ outgoing }) => void outgoing.end('session'),
        [`GET ${ROLES}`]: ({ outgoing }) => void outgoing.end('my-role'),
        [`GET ${ROLES}my-role`]: (call) => answerJson(call, jsonKey('EC2', made.clock)),
      }),
    );
    await made.call();
    expect(made.signedBy()).toEqual(['EC2']);
    const { headers } = made.service.calls[0]!;
    expect(headers['x-aws-ec2-metadata-token-ttl-seconds']).toBe('300');
    expect(made.service.calls.slice(1).map((call) => call.headers['x-aws-ec2-metadata-token'])).toEqual([
      'session',
      'session',
    ]);
  });

  it('that there is none of, or whose service does not answer, is told', async () => {
    const none = await open(
      'aws-bedrock',
      instance,
      metadata({ 'PUT /latest/api/token': ({ outgoing }) => void outgoing.end('s') }),
    );
    expect(await none.failure()).toContain(`instance metadata: ${ROLES} answered 404`);
    const port = await closedPort();
    const gone = await open(
      'aws-bedrock',
      role(() => ({ kind: 'instance', endpoint: `http://127.0.0.1:${port}` })),
      () => {},
    );
    expect(await gone.failure()).toContain(`127.0.0.1:${port}: connect_error`);
  });
});

describe('a profile of the shared files', () => {
  const profile = (at: (name: string) => string, name: string) =>
    role((url) => ({
      kind: 'profile',
      profile: name,
      credentialsFile: at('credentials'),
      configFile: at('config'),
      instance: { kind: 'instance', endpoint: url },
    }));
  const CREDENTIALS =
    '[default]\naws_access_key_id = BASE # mine\naws_secret_access_key=base-secret\n[ other ]\naws_access_key_id=OTHER\naws_secret_access_key=s\naws_session_token=t\n';
  const CONFIG = [
    '[profile admin]',
    'role_arn = arn:aws:iam::1:role/admin',
    'source_profile = default',
    'external_id = ext',
    's3 =',
    '  role_arn = nested',
    '[profile loop]',
    'role_arn = r',
    'source_profile = pool',
    '[profile pool]',
    'role_arn = r',
    'source_profile = loop',
    '[profile sso]',
    'sso_session = corp',
    '[profile alone]',
    'role_arn = r',
    '[profile machine]',
    'role_arn = arn:aws:iam::1:role/m',
    'credential_source = Ec2InstanceMetadata',
  ].join('\n');

  it('gives its access keys, and others once the file says others', async () => {
    const at = folder({ credentials: CREDENTIALS });
    const made = await open('aws-bedrock', profile(at, 'default'), () => {});
    await made.call();
    writeFileSync(at('credentials'), CREDENTIALS.replace('BASE', 'ROTATED'));
    await made.call();
    made.pass(600_000);
    await made.call();
    expect(made.signedBy()).toEqual(['BASE', 'BASE', 'ROTATED']);
    const other = await open('aws-bedrock', profile(at, 'other'), () => {});
    await other.call();
    expect(other.cloud.calls[0]!.headers['x-amz-security-token']).toBe('t');
  });

  it('assumes its role with the keys of the profile that it names', async () => {
    const at = folder({ credentials: CREDENTIALS, config: CONFIG });
    const made = await open('aws-bedrock', profile(at, 'admin'), (call) => void stsKey(call, 'ADMIN', made.clock));
    await made.call();
    const [asked] = made.service.calls;
    expect(formOf(asked!)).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: 'arn:aws:iam::1:role/admin',
      ExternalId: 'ext',
    });
    expect(String(asked!.headers['authorization'])).toMatch(/Credential=BASE\/\d{8}\/eu-west-1\/sts\/aws4_request/);
    expect(made.signedBy()).toEqual(['ADMIN']);
  });

  it.each([
    ['nowhere', 'profile "nowhere": it is in neither of the shared files'],
    ['loop', 'source_profile leads in a circle'],
    ['sso', 'profile "sso": sso_session is not read; export its credentials'],
    ['alone', 'profile "alone": its role_arn has no source_profile'],
  ])('%s that cannot be used says why', async (name, why) => {
    const at = folder({ credentials: CREDENTIALS, config: CONFIG });
    const made = await open('aws-bedrock', profile(at, name), (call) => answerJson(call, {}, 500));
    expect(await made.failure()).toContain(why);
  });
});

describe('credentials that the provider says have ended', () => {
  it.each(['ExpiredTokenException', 'UnrecognizedClientException'])('are replaced at once (%s)', async (exception) => {
    let asked = 0;
    const made = await open(
      'aws-bedrock',
      container('/'),
      (call) => answerJson(call, jsonKey(`KEY${asked++}`, made.clock)),
      (call) => {
        if (!String(call.headers['authorization']).includes('KEY0')) return answerChat(call);
        call.outgoing.writeHead(403, { 'x-amzn-errortype': exception }).end('{}');
      },
    );
    expect(await made.call()).toBe(200);
    expect(made.signedBy()).toEqual(['KEY0', 'KEY1']);
  });

  it('are kept where only a right is missing', async () => {
    const made = await open(
      'aws-bedrock',
      container('/'),
      (call) => answerJson(call, jsonKey('KEY', made.clock)),
      ({ outgoing }) => void outgoing.writeHead(403, { 'x-amzn-errortype': 'AccessDeniedException' }).end('{}'),
    );
    expect([await made.call(), await made.call(), made.service.calls.length]).toEqual([403, 403, 1]);
  });

  it('never pass in a reply that quotes them, before and after they were renewed', async () => {
    let asked = 0;
    const made = await open('aws-bedrock', container('/'), (call) =>
      answerJson(call, jsonKey(`KEY${asked++}`, made.clock)),
    );
    await made.call();
    made.pass(2 * HOUR);
    await made.call();
    const quoted = Buffer.from('secret-of-KEY0 session-of-KEY1 secret-of-KEY1');
    expect(made.upstream.ownKeys.removedFrom(quoted).toString()).not.toMatch(/KEY\d/);
  });
});

describe('tokens of Google and Azure', () => {
  const TOKEN = { access_token: 'token-0123456789', expires_in: '3600' };

  it("are those of the machine's service account", async () => {
    const made = await open(
      'google-vertex',
      (url) => ({ kind: 'google-metadata', endpoint: url }),
      (call) => answerJson(call, TOKEN),
    );
    expect([await made.call(), await made.call()]).toEqual([200, 200]);
    expect(made.service.calls.map(({ method, url, headers }) => [method, url, headers['metadata-flavor']])).toEqual([
      ['GET', '/computeMetadata/v1/instance/service-accounts/default/token', 'Google'],
    ]);
    expect(made.cloud.calls[0]!.headers['authorization']).toBe('Bearer token-0123456789');
  });

  it('are those of a user that logged in', async () => {
    const key = { kind: 'google-user', clientId: 'c', clientSecret: 's', refreshToken: 'r' } as const;
    const made = await open(
      'google-vertex',
      (url) => ({ ...key, tokenUrl: `${url}/token` }),
      (call) => answerJson(call, TOKEN),
    );
    await made.call();
    expect(formOf(made.service.calls[0]!)).toEqual({
      grant_type: 'refresh_token',
      client_id: 'c',
      client_secret: 's',
      refresh_token: 'r',
    });
  });

  it('are those of the workload, by the token that the cluster writes', async () => {
    const at = folder({ token: 'federated\n' });
    const key = { kind: 'entra-workload', tenant: 't', clientId: 'c', tokenFile: at('token') } as const;
    const made = await open(
      'azure-openai',
      (authority) => ({ ...key, authority }),
      (call) => answerJson(call, TOKEN),
    );
    await made.call();
    expect(made.service.calls.map((call) => [call.url, formOf(call)])).toEqual([
      [
        '/t/oauth2/v2.0/token',
        {
          grant_type: 'client_credentials',
          scope: 'https://cognitiveservices.azure.com/.default',
          client_id: 'c',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: 'federated',
        },
      ],
    ]);
    const gone = await open(
      'azure-openai',
      (authority) => ({ ...key, tokenFile: at('gone'), authority }),
      () => {},
    );
    expect(await gone.failure()).toContain('the token file is not there');
  });

  it.each([
    [null, '/metadata/identity/oauth2/token?api-version=2018-02-01&', 'metadata', 'true'],
    ['app-secret', '/?api-version=2019-08-01&', 'x-identity-header', 'app-secret'],
  ])('are those of the managed identity', async (header, path, name, value) => {
    const made = await open(
      'azure-openai',
      (endpoint) => ({ kind: 'entra-managed', clientId: 'c', endpoint, header }),
      (call) => answerJson(call, TOKEN),
    );
    await made.call();
    const { url, headers } = made.service.calls[0]!;
    expect(url).toBe(`${path}resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=c`);
    expect(headers[name]).toBe(value);
  });
});

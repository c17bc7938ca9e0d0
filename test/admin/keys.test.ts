import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AdminDeps } from '../../src/admin/deps.ts';
import { readStoredKey } from '../../src/config/keys.ts';
import type { KeyConfig } from '../../src/core/config.ts';
import { KeyDigest } from '../../src/core/key-secret.ts';
import { KeyAdmin } from '../../src/keys/key-admin.ts';
import { startTestAdmin, type TestAdmin } from './test-admin.ts';

const KEYS = '/api/v1/keys';

let admin: TestAdmin;
beforeEach(async () => {
  admin = await startTestAdmin();
});
afterEach(() => admin.server.close());

interface KeyBody {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly version: number;
  readonly state: string;
}

async function create(declared: object): Promise<KeyBody> {
  const { status, body } = await admin.call('POST', KEYS, declared);
  expect(status).toBe(201);
  return body as KeyBody;
}

/** Keys whose store fails, and whose changes must be told to nobody. */
function failingKeys(): AdminDeps['keys'] {
  const fail = () => Promise.reject(new Error('the disk is full'));
  const store = { list: fail, get: fail, withDigests: fail, put: fail, changedAfter: fail, newestChange: fail };
  const keyAdmin = new KeyAdmin({
    store,
    digest: new KeyDigest(Buffer.alloc(32)),
    clock: { now: () => 0, wall: () => 0 },
    parse: readStoredKey,
    configNames: () => [],
    changed: () => Promise.reject(new Error('nothing was changed')),
  });
  return { admin: keyAdmin, surroundings: () => admin.config, now: () => 0 };
}

const errorOf = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const reply = await admin.call(method, path, body, headers);
  const { error } = reply.body as { error: { code: string; message: string } };
  return { status: reply.status, ...error };
};

describe('making a key', () => {
  it('tells its secret once, and never again', async () => {
    const { secret, ...key } = await create({
      name: 'mobile',
      owner: 'ann@example.com',
      team: 'search',
      models: ['gpt-4o'],
      limits: { requests: '600/m', tokens: '1.5M/h', concurrent: 4 },
      budget: ['50 USD/month', '5 USD/day rolling'],
      onCounterFailure: '50%',
      metadata: { app: 'mobile' },
      redaction: { emails: 'mask' },
      expiresAt: '2027-01-31',
    });
    expect(secret).toMatch(/^sk-sluice-[A-Za-z0-9]{43}$/);
    expect(key).toEqual({
      id: expect.stringMatching(/^key_[0-9a-f]{24}$/) as string,
      source: 'store',
      name: 'mobile',
      state: 'active',
      prefix: `${secret.slice(0, 14)}…`,
      previousSecrets: [],
      owner: 'ann@example.com',
      team: 'search',
      models: ['gpt-4o'],
      metadata: { app: 'mobile' },
      allowArmOverride: false,
      limits: { requests: '600/m', tokens: '1500k/h', concurrent: 4 },
      budget: ['50 USD/month', '5 USD/day rolling'],
      onCounterFailure: '50%',
      redaction: { emails: { request: 'mask', response: 'mask' }, rules: [], restore: {} },
      expiresAt: '2027-01-31T00:00:00.000Z',
      createdAt: '2026-01-31T12:00:00.000Z',
      updatedAt: '2026-01-31T12:00:00.000Z',
      revokedAt: null,
      version: 1,
      warnings: [],
    });
    const one = await admin.fetch(`${KEYS}/${key.id}`);
    expect(one.headers.get('etag')).toBe('"1"');
    expect(await one.json()).toEqual(key);
    const shown = JSON.stringify([await admin.call('GET', KEYS), admin.keyEvents, admin.logged]);
    expect(shown).toContain(key.id);
    expect(shown).not.toContain(secret.slice(14));
    expect(admin.keyEvents).toMatchObject([{ action: 'create', actor: 'api', subject: key.id }]);
  });

  it.each([
    [{ name: 'x', team: 'serach' }, '"team" names the unknown team "serach"; did you mean "search"?'],
    [{ name: 'x', limits: { requests: '0/m' } }, '"limits.requests" must be a rate'],
    [{ name: 'x', budget: '5 EUR/day' }, '"budget" must be a budget'],
    [{ name: 'x', expiresAt: '2026-02-30' }, '"expiresAt" must be a date or an instant'],
    [{ name: 'x', modles: [] }, 'did you mean "models"'],
    [{ name: 'anonymous' }, 'is the name of callers without a key'],
    [{ name: 'x', secret: 'sk-mine' }, '"secret"'],
    [
      { name: 'x', redaction: { rules: [{ id: 'secret.nothing', request: 'mask' }] } },
      '"secret.nothing", which does not exist',
    ],
    [{}, '"name"'],
  ])('as %j is refused with the fix', async (declared, message) => {
    const error = await errorOf('POST', KEYS, declared);
    expect([error.status, error.code]).toEqual([400, 'invalid_key']);
    expect(error.message).toContain(message);
    expect(admin.keyEvents).toEqual([]);
  });

  it('of a name that another key has is refused, in the file or in the store', async () => {
    expect(await errorOf('POST', KEYS, { name: 'dev' })).toMatchObject({ status: 409, code: 'key_name_taken' });
    const { id } = await create({ name: 'mobile' });
    expect(await errorOf('POST', KEYS, { name: 'mobile' })).toMatchObject({ status: 409, code: 'key_name_taken' });
    await admin.call('DELETE', `${KEYS}/${id}`);
    await create({ name: 'mobile' });
  });
});

describe('the list', () => {
  it('has the keys of the file too, which cannot be changed here', async () => {
    await create({ name: 'mobile' });
    const { body } = await admin.call('GET', KEYS);
    expect(body).toMatchObject([
      { name: 'mobile', source: 'store' },
      {
        id: 'config:dev',
        name: 'dev',
        source: 'config',
        prefix: null,
        limits: { requests: '600/m', tokens: '200k/m' },
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('sk-sluice-of-the-file');
    expect(await admin.call('GET', `${KEYS}/config:dev`)).toMatchObject({ status: 200, body: { name: 'dev' } });
    for (const [method, path] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/rotate'],
    ] as const)
      expect(await errorOf(method, `${KEYS}/config:dev${path}`, {})).toMatchObject({
        status: 409,
        code: 'key_in_config',
      });
  });

  it('says what the configuration makes of a key', async () => {
    await create({ name: 'mobile', team: 'search' });
    const dev = admin.config.keys[0] as KeyConfig;
    admin.config = { ...admin.config, teams: [], keys: [{ ...dev, name: 'mobile' }] };
    const { warnings } = ((await admin.call('GET', KEYS)).body as { warnings: string[] }[])[0]!;
    expect(warnings).toEqual([
      expect.stringContaining('no team "search"') as string,
      expect.stringContaining('a key "mobile" too') as string,
    ]);
  });

  it('of an unknown id is a 404', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/rotate'],
    ] as const)
      expect(await errorOf(method, `${KEYS}/key_none${path}`, method === 'GET' ? undefined : {})).toMatchObject({
        status: 404,
        code: 'key_not_found',
      });
  });
});

describe('changing a key', () => {
  it('sets what is given, and null goes back to the default', async () => {
    const { id } = await create({ name: 'mobile', owner: 'ann', models: ['gpt-4o'], budget: '5 USD/day' });
    const { status, body } = await admin.call('PATCH', `${KEYS}/${id}`, { models: null, budget: '9 USD/day' });
    expect([status, body]).toMatchObject([200, { models: ['*'], budget: ['9 USD/day'], owner: 'ann', version: 2 }]);
  });

  it('keeps its name, and refuses what would not be a key', async () => {
    const { id } = await create({ name: 'mobile' });
    expect(await errorOf('PATCH', `${KEYS}/${id}`, { name: 'other' })).toMatchObject({
      status: 400,
      code: 'invalid_key',
    });
    expect(await errorOf('PATCH', `${KEYS}/${id}`, { limits: 5 })).toMatchObject({ status: 400, code: 'invalid_key' });
    expect(await admin.call('GET', `${KEYS}/${id}`)).toMatchObject({ body: { name: 'mobile', version: 1 } });
  });

  it('is refused where somebody else was first', async () => {
    const { id } = await create({ name: 'mobile' });
    const change = (version: string) => admin.call('PATCH', `${KEYS}/${id}`, { owner: 'ann' }, { 'if-match': version });
    expect((await change('"1"')).status).toBe(200);
    expect(await change('"1"')).toMatchObject({ status: 412, body: { error: { code: 'version_mismatch' } } });
    expect((await change('*')).status).toBe(200);
  });

  it('at the same time by many loses no change', async () => {
    const { id } = await create({ name: 'mobile' });
    const fields = [{ owner: 'ann' }, { models: ['o1'] }, { budget: '5 USD/day' }];
    const replies = await Promise.all(fields.map((field) => admin.call('PATCH', `${KEYS}/${id}`, field)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await admin.call('GET', `${KEYS}/${id}`)).toMatchObject({
      body: { owner: 'ann', models: ['o1'], budget: ['5 USD/day'], version: 4 },
    });
  });
});

describe('rotating a key', () => {
  it('gives it another secret, and the one before an end', async () => {
    const first = await create({ name: 'mobile' });
    const { status, body } = await admin.call('POST', `${KEYS}/${first.id}/rotate`);
    const { secret, ...key } = body as KeyBody;
    expect(status).toBe(200);
    expect(secret).not.toBe(first.secret);
    expect(key).toMatchObject({
      version: 2,
      prefix: `${secret.slice(0, 14)}…`,
      previousSecrets: [{ prefix: `${first.secret.slice(0, 14)}…`, validUntil: '2026-02-01T12:00:00.000Z' }],
    });
  });

  it('without an overlap ends all before, and a second rotation lengthens nothing', async () => {
    const { id } = await create({ name: 'mobile' });
    const rotate = async (overlap: string) => (await admin.call('POST', `${KEYS}/${id}/rotate`, { overlap })).body;
    await rotate('1h');
    const { previousSecrets } = (await rotate('7d')) as { previousSecrets: { validUntil: string }[] };
    expect(previousSecrets.map(({ validUntil }) => validUntil).toSorted()).toEqual([
      '2026-01-31T13:00:00.000Z',
      '2026-02-07T12:00:00.000Z',
    ]);
    expect(await rotate('0')).toMatchObject({ previousSecrets: [] });
    expect(await errorOf('POST', `${KEYS}/${id}/rotate`, { overlap: 'soon' })).toMatchObject({ status: 400 });
  });

  it('is of no use once it is revoked or has expired', async () => {
    const { id } = await create({ name: 'mobile' });
    const revoked = await admin.call('DELETE', `${KEYS}/${id}`);
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked', revokedAt: '2026-01-31T12:00:00.000Z' } });
    expect(await admin.call('DELETE', `${KEYS}/${id}`)).toEqual(revoked);
    expect(await errorOf('POST', `${KEYS}/${id}/rotate`)).toMatchObject({ status: 409, code: 'key_revoked' });
    expect(await errorOf('PATCH', `${KEYS}/${id}`, { owner: 'a' })).toMatchObject({ status: 409, code: 'key_revoked' });
    const expired = await create({ name: 'other', expiresAt: '2026-01-31T12:00:00Z' });
    expect(expired.state).toBe('expired');
    expect(await errorOf('POST', `${KEYS}/${expired.id}/rotate`)).toMatchObject({ status: 409, code: 'key_expired' });
    expect(admin.keyEvents.map(({ action }) => action)).toEqual(['create', 'revoke', 'create']);
  });
});

it('a store that fails is told as such, and nothing is said to have happened', async () => {
  const failing = await startTestAdmin({ keys: failingKeys() });
  const reply = await failing.call('POST', KEYS, { name: 'mobile' });
  expect(reply).toMatchObject({ status: 503, body: { error: { code: 'store_unavailable' } } });
  expect((reply.body as { error: { message: string } }).error.message).toContain('the disk is full');
  await failing.server.close();
});

it('the description of the API has every endpoint and the fields of a key', async () => {
  const { paths } = (await (await admin.fetch('/openapi.json')).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  expect(Object.keys(paths[KEYS]!)).toEqual(['get', 'post']);
  expect(Object.keys(paths[`${KEYS}/{id}`]!)).toEqual(['get', 'patch', 'delete']);
  expect(Object.keys(paths[`${KEYS}/{id}/rotate`]!)).toEqual(['post']);
  expect(paths[KEYS]!['post']).toMatchObject({
    requestBody: { content: { 'application/json': { schema: { properties: { expiresAt: {}, budget: {} } } } } },
  });
});

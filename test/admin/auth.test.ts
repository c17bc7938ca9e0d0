import { networkInterfaces } from 'node:os';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createGate, type AccessRequest } from '../../src/admin/auth.ts';
import { startTestAdmin, type TestAdmin } from './test-admin.ts';

const LOCAL: AccessRequest = {
  peer: '127.0.0.1',
  path: '/api/v1/rollouts',
  host: '127.0.0.1:8081',
  origin: null,
  fetchSite: null,
  authorization: null,
};

describe('without a token', () => {
  const gate = createGate({ token: () => null, host: 'admin.internal' });
  const judge = (change: Partial<AccessRequest>) => gate({ ...LOCAL, ...change })?.status ?? 'passes';

  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('the peer %s passes', (peer) => {
    expect(judge({ peer })).toBe('passes');
  });

  it.each(['10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', '127.0.0.1.evil.test', '', undefined])(
    'the peer %s is refused everywhere',
    (peer) => {
      for (const path of ['/', '/livez', '/metrics', '/api/v1/rollouts']) expect(judge({ peer, path })).toBe(403);
    },
  );

  it.each(['localhost', 'localhost:8081', 'sluice.localhost:8081', '[::1]:8081', '127.0.0.2', 'Admin.Internal:8081'])(
    'the Host %s passes',
    (host) => {
      expect(judge({ host })).toBe('passes');
    },
  );

  it.each(['evil.test', 'evil.test:8081', 'localhost.evil.test', '127.0.0.1.evil.test', '10.0.0.1', '', 'a:b:c', null])(
    'the Host %s is refused, as after DNS rebinding',
    (host) => {
      expect(judge({ host })).toBe(403);
    },
  );

  it.each([
    [{ origin: 'http://127.0.0.1:8081' }, 'passes'],
    [{ fetchSite: 'same-origin' }, 'passes'],
    [{ fetchSite: 'none' }, 'passes'],
    [{ origin: 'http://127.0.0.1:3000' }, 403],
    [{ origin: 'https://evil.test' }, 403],
    [{ origin: 'null' }, 403],
    [{ fetchSite: 'cross-site' }, 403],
  ])('a browser that sends %j: %s', (headers, expected) => {
    expect(judge(headers)).toBe(expected);
  });
});

describe('with a token', () => {
  const gate = createGate({ token: () => 'let-me-in', host: '0.0.0.0' });
  const judge = (change: Partial<AccessRequest>) => gate({ ...LOCAL, ...change })?.status ?? 'passes';

  it.each(['Bearer let-me-in', 'bearer let-me-in', 'Bearer  let-me-in'])('%s passes from anywhere', (authorization) => {
    expect(judge({ authorization, peer: '203.0.113.7', host: 'gateway.example' })).toBe('passes');
  });

  it.each([
    null,
    '',
    'Bearer',
    'Bearer let-me-i',
    'Bearer let-me-in!',
    'let-me-in',
    'Basic let-me-in',
    'Bearer LET-ME-IN',
  ])('%s is refused, from this machine too', (authorization) => {
    expect(judge({ authorization })).toBe(401);
  });

  it.each(['/', '/livez', '/readyz', '/metrics', '/openapi.json'])('%s is open to probes', (path) => {
    expect(judge({ path, peer: '203.0.113.7' })).toBe('passes');
  });

  it.each(['/api/v1/config', '/API/v1/config', '//api/v1/config', '/metrics/', '/anything'])('%s is not', (path) => {
    expect(judge({ path })).toBe(401);
  });
});

describe('a token that changes', () => {
  it('counts from the next request on, and so does its removal', () => {
    let token: string | null = 'old';
    const gate = createGate({ token: () => token, host: '127.0.0.1' });
    const judge = (authorization: string | null) => gate({ ...LOCAL, authorization })?.status ?? 'passes';
    expect([judge('Bearer old'), judge('Bearer new')]).toEqual(['passes', 401]);
    token = 'new';
    expect([judge('Bearer old'), judge('Bearer new')]).toEqual([401, 'passes']);
    token = null;
    expect(judge(null)).toBe('passes');
    expect(gate({ ...LOCAL, peer: '10.0.0.1' })?.status).toBe(403);
  });
});

describe('over a socket', () => {
  let admin: TestAdmin;
  afterEach(() => admin.server.close());

  it('one uniform answer stands for a missing and a wrong token', async () => {
    admin = await startTestAdmin({ token: () => 'let-me-in' });
    const answers = await Promise.all(
      [{}, { authorization: 'Bearer wrong' }].map(async (headers) => {
        const response = await admin.fetch('/api/v1/rollouts', { headers });
        return [response.status, response.headers.get('www-authenticate'), await response.text()];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]!.slice(0, 2)).toEqual([401, 'Bearer realm="sluice"']);
    expect((await admin.call('GET', '/api/v1/rollouts', undefined, { authorization: 'Bearer let-me-in' })).status).toBe(
      200,
    );
  });

  it('a request that names another host is refused', async () => {
    admin = await startTestAdmin();
    const status = await new Promise((resolve, reject) => {
      const call = request(`${admin.url}/livez`, { headers: { host: 'evil.test' } }, (reply) =>
        resolve(reply.resume().statusCode),
      );
      call.on('error', reject).end();
    });
    expect(status).toBe(403);
  });

  const address = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

  it.skipIf(address === undefined)('a peer that is not this machine is refused', async () => {
    admin = await startTestAdmin({ host: address! });
    const response = await fetch(`http://${address}:${admin.server.port}/livez`);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'forbidden' } });
  });
});

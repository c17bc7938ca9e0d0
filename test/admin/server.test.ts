import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ROUTES } from '../../src/admin/routes.ts';
import { startTestAdmin, type TestAdmin } from './test-admin.ts';

let admin: TestAdmin;
beforeEach(async () => {
  admin = await startTestAdmin();
});
afterEach(async () => {
  await admin.server.close();
  vi.useRealTimers();
});

describe('health and metrics', () => {
  it('livez answers while the process does', async () => {
    expect(await admin.call('GET', '/livez')).toEqual({ status: 200, body: { status: 'ok' } });
  });

  it('readyz tells why not', async () => {
    expect(await admin.call('GET', '/readyz')).toEqual({ status: 200, body: { ready: true, reasons: [] } });
    admin.notReady.push('the store cannot be read');
    expect(await admin.call('GET', '/readyz')).toEqual({
      status: 503,
      body: { ready: false, reasons: ['the store cannot be read'] },
    });
  });

  it('metrics come as they are rendered', async () => {
    const response = await admin.fetch('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await response.text()).toBe('sluice_inflight_requests 0\n');
  });

  it('the page carries a policy that allows its own style and nothing else', async () => {
    const response = await admin.fetch('/');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const page = await response.text();
    expect(page).toContain('<a href="/openapi.json">');
    expect(page).not.toMatch(/<script|https?:\/\//);
  });
});

describe('the description', () => {
  it('holds every route with its replies, and no reference that leads nowhere', async () => {
    const { body } = await admin.call('GET', '/openapi.json');
    const document = body as { openapi: string; info: unknown; paths: Record<string, Record<string, unknown>> };
    expect(document).toMatchObject({ openapi: '3.1.1', info: { version: '1.2.3' } });
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
    const references = new Set(
      [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target),
    );
    expect([...references]).toEqual(['#/components/schemas/Error']);
  });

  it('gives each operation an id of its own', async () => {
    const { body } = await admin.call('GET', '/openapi.json');
    const ids = [...JSON.stringify(body).matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ROUTES.length);
  });
});

describe('the other endpoints', () => {
  it('redact tells the text and the findings, or that a rule blocks it', async () => {
    expect(await admin.call('POST', '/api/v1/redact', { text: 'my secret', direction: 'request' })).toEqual({
      status: 200,
      body: {
        text: 'my [***]',
        findings: [{ rule: 'secret.word', category: 'secrets', action: 'mask', start: 3, end: 9 }],
      },
    });
    expect(await admin.call('POST', '/api/v1/redact', { text: 'block' })).toMatchObject({
      status: 400,
      body: { error: { code: 'secret_detected' } },
    });
    expect(await admin.call('POST', '/api/v1/redact', { text: 'x', direction: 'up' })).toMatchObject({ status: 400 });
  });

  it('requests are filtered and limited', async () => {
    admin.records.push({ rollout: 'fast-v2', at: 0 } as never, { rollout: '', at: 0 } as never);
    expect(await admin.call('GET', '/api/v1/requests?rollout=fast-v2')).toMatchObject({
      body: [{ rollout: 'fast-v2', at: '1970-01-01T00:00:00.000Z' }],
    });
    expect(await admin.call('GET', '/api/v1/requests?limit=1')).toMatchObject({ body: { length: 1 } });
    expect(await admin.call('GET', '/api/v1/requests?limitt=1')).toMatchObject({ status: 400 });
    expect(await admin.call('GET', '/api/v1/requests?source=disk')).toMatchObject({ status: 400 });
  });

  it('requests of which some may be missing are told with the reason', async () => {
    const reasonOf = async () => (await admin.fetch('/api/v1/requests')).headers.get('x-sluice-incomplete');
    expect(await reasonOf()).toBeNull();
    admin.searchTrouble = 'timeout';
    expect(await reasonOf()).toBe('timeout');
  });

  it('the configuration is shown and reloaded', async () => {
    expect(await admin.call('GET', '/api/v1/config')).toMatchObject({ body: { admin: { token: '(hidden)' } } });
    expect(await admin.call('POST', '/api/v1/config/reload')).toEqual({
      status: 200,
      body: { changed: true, warnings: [], restartNeeded: ['gateway.port'] },
    });
  });

  it('a reload that is refused tells where and how to fix it', async () => {
    const problem = {
      file: 'sluice.yaml',
      line: 3,
      column: 7,
      path: 'gateway.port',
      message: 'bad port',
      fix: 'write 8080',
    };
    admin.problems = [problem];
    expect(await admin.call('POST', '/api/v1/config/reload')).toEqual({
      status: 409,
      body: { error: { code: 'invalid_config', message: 'sluice.yaml:3:7: bad port; write 8080' } },
    });
  });
});

describe('what is refused', () => {
  it.each([
    ['GET', '/api/v1/nothing', 404, 'not_found'],
    ['PATCH', '/api/v1/rollouts/fast-v2', 405, 'method_not_allowed'],
    ['GET', '/api/v1/rollouts/fast-v2/abort', 405, 'method_not_allowed'],
  ])('%s %s is a %i %s', async (method, path, status, code) => {
    expect(await admin.call(method, path)).toMatchObject({ status, body: { error: { code } } });
  });

  it.each([
    ['{"text":', 'invalid_json'],
    ['{"text":"a","text":"b"}', 'ambiguous_json'],
    ['['.repeat(100) + ']'.repeat(100), 'json_too_deep'],
  ])('the body %s', async (body, code) => {
    const response = await admin.fetch('/api/v1/redact', { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it('a body over 1 MiB, announced or not', async () => {
    const big = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
    const announced = await admin.fetch('/api/v1/redact', { method: 'POST', body: big });
    expect([announced.status, await announced.json()]).toMatchObject([413, { error: { code: 'body_too_large' } }]);
    const stream = new Blob([big]).stream();
    const chunked = await admin.fetch('/api/v1/redact', {
      method: 'POST',
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  it('a fault of ours is logged and tells the caller nothing', async () => {
    await admin.server.close();
    admin = await startTestAdmin({
      redactor: () => {
        throw new Error('the password is hunter2');
      },
    });
    const { status, body } = await admin.call('POST', '/api/v1/redact', { text: 'x' });
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(admin.logged).toMatchObject([{ error: { message: 'the password is hunter2' } }]);
  });
});

describe('events', () => {
  async function* text(response: Response): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) yield decoder.decode(chunk);
  }

  /** Reads until the text so far holds `wanted`. */
  async function until(events: AsyncGenerator<string>, wanted: string): Promise<string> {
    let all = '';
    while (!all.includes(wanted)) {
      const { value, done } = await events.next();
      if (done === true) throw new Error(`the stream ended after: ${all}`);
      all += value;
    }
    return all;
  }

  it('tell each change with id, type and JSON', async () => {
    const response = await admin.fetch('/api/v1/events');
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = text(response);
    await until(events, ': connected\n\n');
    await admin.call('POST', '/api/v1/rollouts/fast-v2/abort', { reason: 'errors' });
    const received = await until(events, '\n\n');
    const [, id, data] = /^id: (\d+)\nevent: rollout\ndata: (.*)\n\n$/.exec(received)!;
    expect(Number(id)).toBeGreaterThan(0);
    expect(JSON.parse(data!)).toMatchObject({
      type: 'rollout',
      rollout: 'fast-v2',
      action: 'abort',
      reason: 'errors',
      state: { phase: 'degraded', weight: 0 },
    });
  });

  it('that were missed come first after Last-Event-ID', async () => {
    for (const verb of ['pause', 'resume', 'abort']) await admin.call('POST', `/api/v1/rollouts/fast-v2/${verb}`);
    const since = (id: number) => admin.fetch('/api/v1/events', { headers: { 'last-event-id': String(id) } });
    const events = text(await since(2));
    const received = await until(events, '"action":"abort"');
    expect(received).toMatch(/^: connected\n\nid: 3\nevent: rollout\ndata: {"type":"rollout","id":3,.*\n\nid: 4\n/);
  });

  it('that were missed are those of the store, also where another process has sent the ones before', async () => {
    const event = { kind: 'regression', rollout: 'chat', revision: 0, action: 'opened', actor: 'controller' } as const;
    const empty = { at: 0, phase: 'healthy', weight: 0, reason: 'slower', detail: null } as const;
    await admin.store.note({ ...event, ...empty });
    const events = text(await admin.fetch('/api/v1/events', { headers: { 'last-event-id': '1' } }));
    expect(await until(events, '"route":"chat"}\n\n')).toContain('id: 2\nevent: regression\n');
  });

  it('of the configuration have no id, so that the one of before stays the last', async () => {
    const events = text(await admin.fetch('/api/v1/events'));
    await until(events, ': connected\n\n');
    admin.server.publish('config', { ok: true });
    expect(await until(events, '\n\n')).toBe('event: config\ndata: {"ok":true}\n\n');
  });

  it('cannot be followed where those that were missed cannot be read', async () => {
    admin.store.newestEvent = () => Promise.reject(new Error('the disk is gone'));
    const { status } = await admin.fetch('/api/v1/events', { headers: { 'last-event-id': '1' } });
    expect(status).toBe(503);
  });

  it('are kept alive by comments', async () => {
    await admin.server.close();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    admin = await startTestAdmin();
    const events = text(await admin.fetch('/api/v1/events'));
    await until(events, ': connected\n\n');
    vi.advanceTimersByTime(15_000);
    expect(await until(events, '\n\n')).toBe(': keep-alive\n\n');
  });

  it('end when the server closes, which then is quick', async () => {
    const events = text(await admin.fetch('/api/v1/events'));
    await until(events, ': connected\n\n');
    const closing = admin.server.close();
    await expect(events.next()).resolves.toMatchObject({ done: true });
    await closing;
    await expect(admin.fetch('/livez')).rejects.toThrow('fetch failed');
    admin = await startTestAdmin();
  });
});

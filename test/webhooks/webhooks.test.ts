import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WebhookConfig } from '../../src/core/config.ts';
import type { RolloutEvent, Stores } from '../../src/core/stores.ts';
import { openStores } from '../../src/store/open-stores.ts';
import { WebhookDelivery, type DeliveryDeps } from '../../src/webhooks/delivery.ts';
import { Gates } from '../../src/webhooks/gates.ts';
import { post, type Post } from '../../src/webhooks/post.ts';
import { sign } from '../../src/webhooks/signature.ts';
import { rollout } from '../rollout/fixtures.ts';
import { eventOf, storedRollout } from '../store/rollout-fixture.ts';

const clock = { elapsed: 0, now: () => clock.elapsed, wall: () => 1_700_000_000_000 + clock.elapsed };

function hook(change: Partial<WebhookConfig> = {}): WebhookConfig {
  const defaults = { name: 'ops', url: 'http://hook', secret: 's3cret', events: ['*'], gates: [], rollouts: ['*'] };
  return { ...defaults, timeout: 1_000, allowAddresses: [], ...change };
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly type: string; readonly id: string; readonly [field: string]: unknown };
}

/** A delivery whose hook answers with the given statuses in turn (0: not at all), and then 200. */
async function delivery(statuses: number[] = [], stores?: Stores, retryAfter: string | null = null) {
  const place = stores ?? (await openStores('sqlite::memory:', clock));
  const sent: Sent[] = [];
  const results: string[] = [];
  const answer: Post = async (_, headers, body) => {
    sent.push({ headers, body: JSON.parse(body) as Sent['body'] });
    const status = statuses.shift() ?? 200;
    if (status === 0) throw new Error('ECONNREFUSED');
    return { status, retryAfter };
  };
  const deps: DeliveryDeps = {
    clock,
    random: () => 1,
    events: place.rollouts,
    counters: place.counters,
    post: answer,
    leads: () => true,
    count: (_, result) => results.push(result),
  };
  const made = new WebhookDelivery(deps);
  const note = (action: string, change: Partial<RolloutEvent> = {}) =>
    place.rollouts.note({ ...eventOf(storedRollout(), action), at: clock.wall(), ...change });
  return { made, sent, results, note, stores: place };
}

describe('a webhook', () => {
  it('is told of what happens from when it was first seen, in order, each event once', async () => {
    const { made, sent, note, results } = await delivery();
    await note('before');
    made.apply([hook()]);
    await made.run();
    await note('promote');
    await note('abort', { detail: { metric: 'error_rate' } });
    await made.run();
    await made.run();
    expect(sent.map(({ body }) => body.type)).toEqual(['rollout.promote', 'rollout.abort']);
    expect(sent[1]!.body).toMatchObject({ rollout: 'fast-v2', actor: 'api', detail: { metric: 'error_rate' } });
    expect(results).toEqual(['delivered', 'delivered']);
  });

  it('is tried again, later and later, with the same id, and those after it wait', async () => {
    const { made, sent, note } = await delivery([500, 0]);
    made.apply([hook()]);
    await made.run();
    await note('promote');
    await note('abort');
    const types: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      await made.run();
      types.push(sent.length);
      clock.elapsed += 1_000;
    }
    expect(sent.map(({ body }) => body.type)).toEqual(Array(3).fill('rollout.promote').concat('rollout.abort'));
    expect(new Set(sent.slice(0, 3).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect([types[0], types[4], types[5], types[19], types[20]]).toEqual([1, 1, 2, 2, 4]);
  });

  it('waits as long as it is asked to', async () => {
    const { made, sent, note } = await delivery([429], undefined, '60');
    made.apply([hook()]);
    await made.run();
    await note('abort');
    await made.run();
    clock.elapsed += 59_000;
    await made.run();
    expect(sent).toHaveLength(1);
    clock.elapsed += 1_000;
    await made.run();
    expect(sent).toHaveLength(2);
  });

  it.each(['0', '0.001', '', ' ', '-5'])('is not tried at every turn where retry-after is "%s"', async (retryAfter) => {
    const { made, sent, note } = await delivery([503, 503], undefined, retryAfter);
    made.apply([hook()]);
    await made.run();
    await note('abort');
    await made.run();
    clock.elapsed += 4_999;
    await made.run();
    expect(sent).toHaveLength(1);
    clock.elapsed += 1;
    await made.run();
    expect(sent).toHaveLength(2);
  });

  it('that refuses an event, or is away for a day, gets the next one', async () => {
    const { made, sent, note, results } = await delivery([400, 500]);
    made.apply([hook()]);
    await made.run();
    await note('pause');
    await note('old', { at: clock.wall() - 25 * 3_600_000 });
    await note('abort');
    await made.run();
    expect(sent.map(({ body }) => body.type)).toEqual(['rollout.pause', 'rollout.old', 'rollout.abort']);
    expect(results).toEqual(['given_up', 'given_up', 'delivered']);
  });

  it('goes on where it was after a restart', async () => {
    const first = await delivery();
    first.made.apply([hook()]);
    await first.made.run();
    await first.note('promote');
    await first.made.run();
    await first.note('abort');
    const second = await delivery([], first.stores);
    second.made.apply([hook()]);
    await second.made.run();
    expect(second.sent.map(({ body }) => body.type)).toEqual(['rollout.abort']);
  });

  it('is told only of the events and rollouts that it asked for', async () => {
    const { made, sent, note } = await delivery();
    made.apply([hook({ events: ['rollout.abort', 'regression.*'], rollouts: ['fast-*'] })]);
    await made.run();
    await note('promote');
    await note('abort', { rollout: 'slow' });
    await note('abort');
    await note('opened', { kind: 'regression', rollout: 'chat' });
    await made.run();
    expect(sent.map(({ body }) => [body.type, body['rollout'] ?? body['route']])).toEqual([
      ['rollout.abort', 'fast-v2'],
      ['regression.opened', 'chat'],
    ]);
  });

  it('keeps its place in its retries where a reload changed something else, and is tried at once with other settings', async () => {
    const { made, sent, note } = await delivery([500, 500]);
    made.apply([hook()]);
    await made.run();
    await note('abort');
    await made.run();
    made.apply([hook()]);
    await made.run();
    expect(sent).toHaveLength(1);
    made.apply([hook({ secret: 'another' })]);
    await made.run();
    expect(sent).toHaveLength(2);
  });

  it.each<[string, ...WebhookConfig[][]]>([
    ['a reload that changes nothing', [hook()]],
    ['a reload that changes the hook', [hook({ timeout: 2_000 })]],
    ['a reload that takes it away, and one that brings it back', [], [hook()]],
  ])('has one event at a time on its way, whatever comes meanwhile: %s', async (_, ...reloads) => {
    const { stores, note } = await delivery();
    const told: string[] = [];
    const answers: (() => void)[] = [];
    const slow: Post = (__, headers) => {
      told.push(headers['webhook-id']!);
      return new Promise((resolve) => answers.push(() => resolve({ status: 200, retryAfter: null })));
    };
    const count = () => {};
    const deps = { clock, random: () => 1, events: stores.rollouts, counters: stores.counters, post: slow, count };
    const made = new WebhookDelivery({ ...deps, leads: () => true });
    made.apply([hook()]);
    await made.run();
    await note('promote');
    await note('abort');
    const first = made.run();
    await expect.poll(() => told.length).toBe(1);
    for (const webhooks of reloads) made.apply(webhooks);
    await made.run();
    expect(told).toHaveLength(1);
    answers[0]!();
    await expect.poll(() => told.length).toBe(2);
    answers[1]!();
    await first;
    await made.run();
    expect(new Set(told).size).toBe(2);
  });

  it('is told no more by a gateway that lost the lead, which takes nobody back to where it was', async () => {
    const { stores, note } = await delivery();
    const lead = { isLost: false };
    const told: string[] = [];
    const post: Post = async (_, __, body) => {
      told.push((JSON.parse(body) as { type: string }).type);
      lead.isLost = true;
      await stores.counters.raise('webhook:ops', 50);
      return { status: 200, retryAfter: null };
    };
    const deps = { clock, random: () => 1, events: stores.rollouts, counters: stores.counters, post, count: () => {} };
    const made = new WebhookDelivery({ ...deps, leads: () => !lead.isLost });
    made.apply([hook()]);
    await made.run();
    await note('promote');
    await note('abort');
    await made.run();
    expect(told).toEqual(['rollout.promote']);
    expect(await stores.counters.value('webhook:ops')).toBe(50);
  });

  it('that hangs delays only itself', async () => {
    const { stores, note } = await delivery();
    const told: string[] = [];
    const slow: Post = async (url) => {
      told.push(url);
      return url === 'http://slow' ? new Promise(() => {}) : { status: 200, retryAfter: null };
    };
    const count = () => {};
    const deps = {
      clock,
      random: () => 1,
      events: stores.rollouts,
      counters: stores.counters,
      post: slow,
      count,
      leads: () => true,
    };
    const made = new WebhookDelivery(deps);
    made.apply([hook({ name: 'slow', url: 'http://slow' }), hook({ name: 'fast', url: 'http://fast' })]);
    await made.run();
    await note('promote');
    void made.run();
    await expect.poll(() => told.length).toBe(2);
    await note('abort');
    await made.run();
    expect(told).toEqual(expect.arrayContaining(['http://slow', 'http://fast', 'http://fast']));
    expect(told.filter((url) => url === 'http://slow')).toHaveLength(1);
  });
});

describe('a signature', () => {
  it('is the one of the specification, for keys in base64 and as text', () => {
    const expected = (key: Buffer) => `v1,${createHmac('sha256', key).update('id.7.{}').digest('base64')}`;
    expect(sign('plain', 'id', 7, '{}')).toBe(expected(Buffer.from('plain')));
    expect(sign(`whsec_${Buffer.from('key').toString('base64')}`, 'id', 7, '{}')).toBe(expected(Buffer.from('key')));
  });

  // @source the example of the Standard Webhooks specification's reference libraries
  it('reproduces the published example', () => {
    const body = '{"test": 2432232314}';
    expect(sign('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body)).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });
});

/** A server that answers by path: `/200`, `/409`; `/hang` never; `/redirect` leads to `/200`. */
async function server(): Promise<{ url: string; calls: IncomingMessage[] }> {
  const calls: IncomingMessage[] = [];
  const made = createServer((request, reply) => {
    calls.push(request);
    if (request.url!.startsWith('/hang')) return;
    if (request.url === '/redirect') reply.writeHead(302, { location: '/200' }).end();
    else reply.writeHead(Number(request.url!.slice(1)), { 'retry-after': '7' }).end('ignored');
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    made.closeAllConnections();
    made.close();
  });
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}`, calls };
}

describe('over a real connection', () => {
  const options = { timeout: 5_000, allowAddresses: [] };

  it('the status and retry-after come back, and a redirect is not followed', async () => {
    const { url, calls } = await server();
    expect(await post(`${url}/503`, {}, '{}', options)).toEqual({ status: 503, retryAfter: '7' });
    expect((await post(`${url}/redirect`, {}, '{}', options)).status).toBe(302);
    expect(calls).toHaveLength(2);
  });

  it('what does not answer in time is an error that tells no secret', async () => {
    const { url } = await server();
    const failure = post(`${url}/hang?token=abc`, {}, '{}', { ...options, timeout: 20 });
    await expect(failure).rejects.toThrow('no reply within 20 ms');
  });

  it('an address that must not be called is not called', async () => {
    await expect(post('http://localhost:1/x', {}, '{}', options)).rejects.toThrow('ECONNREFUSED');
    await expect(post('http://169.254.169.254/latest', {}, '{}', options)).rejects.toThrow('not allowed');
  });
});

describe('gates', () => {
  const canary = rollout();
  const gatesOf = (hooks: readonly WebhookConfig[]) => new Gates({ clock, post, webhooks: () => hooks });
  const gate = (url: string, change: Partial<WebhookConfig> = {}) =>
    hook({ url, events: [], gates: ['confirm-advance', 'rollback'], timeout: 5_000, ...change });
  /** Asks a server that may stay silent. */
  const hasty = { timeout: 50 };

  it('agree where all of them answer 2xx, and where there are none', async () => {
    const { url, calls } = await server();
    const both = gatesOf([gate(`${url}/200`), gate(`${url}/204`)]);
    expect(await both.confirm('confirm-advance', canary, null)).toBeNull();
    expect(calls).toHaveLength(2);
    expect(await both.confirm('confirm-promotion', canary, null)).toBeNull();
    expect(calls).toHaveLength(2);
  });

  it.each([
    ['/409', 'status 409'],
    ['/hang', 'no reply within 50 ms'],
  ])('at %s do not agree: %s', async (path, because) => {
    const { url } = await server();
    const answer = await gatesOf([
      gate(`${url}/200`),
      gate(url + path, { name: 'qa', ...(path === '/hang' ? hasty : {}) }),
    ]).confirm('confirm-advance', canary, null);
    expect(answer).toEqual({ by: 'qa', because });
  });

  it('ask for a rollback by a 2xx only', async () => {
    const { url } = await server();
    expect(await gatesOf([gate(`${url}/404`), gate(`${url}/hang`, hasty)]).wantsRollback(canary)).toBeNull();
    const wish = await gatesOf([gate(`${url}/404`), gate(`${url}/200`, { name: 'smoke' })]).wantsRollback(canary);
    expect(wish).toEqual({ by: 'smoke', because: 'status 200' });
  });

  it('are asked only about the rollouts that they are for', async () => {
    const { url, calls } = await server();
    await gatesOf([gate(`${url}/409`, { rollouts: ['other-*'] })]).confirm('confirm-advance', canary, null);
    expect(calls).toEqual([]);
  });
});

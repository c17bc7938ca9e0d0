import { expect, test } from 'vitest';
import { CLIENT_KINDS } from './client-kinds.ts';
import { NAMED_TOOL, PIXEL, TOOL_NAMES, WEATHER } from './client-kind.ts';
import { pairsOf, startWorld } from './world.ts';

const PAIRS = pairsOf(CLIENT_KINDS);
const GREETING = 'Grüße, 世界 🌍 "quoted" \\ and\nlines';

test.each(PAIRS)(
  '%s with %s: text comes whole, buffered and streamed, with its usage',
  async (_c, _p, client, kind) => {
    const world = await startWorld(client, kind);
    const buffered = await world.client.ask({ model: 'echo', prompt: GREETING, stream: false });
    const streamed = await world.client.ask({ model: 'echo', prompt: GREETING, stream: true });
    expect(buffered.text).toBe(GREETING);
    expect(streamed).toEqual(buffered);
    expect(['stop', null]).toContain(buffered.finish);
    const { inputTokens, outputTokens } = world.sim.stats();
    expect(2 * buffered.inputTokens).toBe(inputTokens);
    expect(2 * buffered.outputTokens).toBe(outputTokens);
  },
);

test.each(PAIRS)('%s with %s: a limit of tokens ends the reply and is told', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  for (const stream of client.lacks?.includes('limit') === true ? [] : [false, true]) {
    const told = await world.client.ask({ model: 'echo', prompt: 'word '.repeat(100), maxTokens: 16, stream });
    expect(['length', null]).toContain(told.finish);
    expect(told.outputTokens).toBe(16);
  }
});

test.each(PAIRS)('%s with %s: a loop of parallel tools comes to its end', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  for (const stream of [false, true]) {
    const told = await world.client.loop({ model: 'talks', prompt: 'Weather?', tools: 'auto', stream });
    expect(told.calls.map(({ name }) => name).toSorted()).toEqual(TOOL_NAMES.toSorted());
    for (const { input } of told.calls) WEATHER.parse(input);
    expect(told.text).not.toBe('');
  }
  expect(world.sim.stats().requests).toBe(4);
});

test.each(PAIRS)('%s with %s: a choice of tool is kept', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  const call = (tools: 'named' | 'required' | 'none') =>
    // An agent goes on by itself: of its calls those of the first turn come first.
    world.client.ask({ model: 'talks', prompt: 'Weather?', tools, stream: true });
  const named = await call('named');
  expect(new Set(named.calls.map(({ name }) => name))).toEqual(new Set([NAMED_TOOL]));
  expect((await call('required')).calls).not.toHaveLength(0);
  if (client.lacks?.includes('no tools') === true) return;
  const none = await call('none');
  expect(none.calls).toEqual([]);
  expect(none.text).not.toBe('');
});

test.each(PAIRS)('%s with %s: a JSON schema is followed', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  // Some SDKs ask for it as one call of a tool, and not every vendor can be held to one.
  world.sim.setProfile(kind.models.talks, { parallelToolCalls: 1 });
  for (const stream of [false, true]) {
    const told = await world.client.ask({ model: 'talks', prompt: 'Weather?', schema: true, stream });
    expect(WEATHER.safeParse(JSON.parse(told.text))).toMatchObject({ success: true });
  }
});

test.each(PAIRS)('%s with %s: reasoning stays signed over a loop of tools', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  for (const stream of [false, true]) {
    // The simulated vendors refuse thoughts that do not come back as they were made.
    const told = await world.client.loop({ model: 'talks', prompt: 'Weather?', tools: 'auto', reasons: true, stream });
    expect(told.calls.length).toBeGreaterThan(1);
    expect(told.text).not.toBe('');
  }
});

test.each(PAIRS)('%s with %s: an image reaches the model', async (_c, _p, client, kind) => {
  const world = await startWorld(client, kind);
  const told = await world.client.ask({ model: 'tells', prompt: 'What is this?', image: PIXEL, stream: false });
  expect(told.text).toContain(PIXEL);
});

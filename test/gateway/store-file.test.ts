import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { postJson } from '../support/http-client.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const messages = [{ role: 'user', content: 'Hello' }];

async function gatewayWithFile() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-store-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'sluice.db');
  const gateway = await startTestGateway({
    store: `sqlite:${file}`,
    providers: { sim: { type: 'simulator' } },
    models: { chat: { target: 'sim/fast-v1' } },
  });
  const isUp = async () => (await gateway.metrics()).sum('sluice_store_up');
  const ready = async () => {
    const reply = await fetch(`${gateway.adminUrl}/readyz`);
    return { status: reply.status, text: await reply.text() };
  };
  return { gateway, file, isUp, ready };
}

test("a store's file that is removed while the gateway runs is told, and requests are served on", async () => {
  const { gateway, file, isUp, ready } = await gatewayWithFile();
  expect(await isUp()).toBe(1);
  rmSync(file);
  expect(await isUp()).toBe(0);
  const { status, text } = await ready();
  expect([status, text]).toEqual([200, expect.stringContaining("the store's file was removed or replaced")]);
  expect((await postJson(`${gateway.url}/v1/chat/completions`, { model: 'chat', messages })).status).toBe(200);
});

test('so is another file in its place, as a restore under a running gateway leaves it; one that is back is well', async () => {
  const { file, isUp } = await gatewayWithFile();
  renameSync(file, `${file}.away`);
  expect(await isUp()).toBe(0);
  renameSync(`${file}.away`, file);
  expect(await isUp()).toBe(1);
});

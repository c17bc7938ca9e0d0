import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { postJson } from '../support/http-client.ts';
import { startTestGateway } from '../support/test-gateway.ts';

test('every request is in the files after a clean stop, and counted', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-record-files-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const gateway = await startTestGateway({
    providers: { sim: { type: 'simulator' } },
    models: { chat: { target: 'sim/fast-v1' } },
    record: { files: { directory } },
  });
  const sent = await Promise.all(
    Array.from({ length: 20 }, () => postJson(`${gateway.url}/v1/chat/completions`, { model: 'chat', messages: [] })),
  );
  await gateway.stop();
  const [file] = readdirSync(directory);
  expect(file).toMatch(/\.jsonl\.gz$/);
  const lines = gunzipSync(readFileSync(join(directory, file!)))
    .toString('utf8')
    .trim()
    .split('\n');
  const told = lines.map((line) => JSON.parse(line) as { requestId: string; at: string; content?: unknown });
  expect(told.map(({ requestId }) => requestId).toSorted()).toEqual(
    sent.map(({ headers }) => String(headers['x-sluice-request-id'])).toSorted(),
  );
  expect(told[0]!.at).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(told[0]!.content).toBeUndefined();
});

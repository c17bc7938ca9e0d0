import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli } from './run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const config = join(directory, 'sluice.yaml');
writeFileSync(
  config,
  `providers: { sim: { type: simulator } }
passthrough: { provider: sim }
redaction:
  secrets: { request: allow, response: allow }
  rules:
    - { id: custom.ticket, pattern: "TCK-[0-9]{8}", request: mask, response: allow }
    - { id: custom.codename, pattern: "BLUEBIRD", request: block, response: block }
`,
);

const TICKET = 'about TCK-12345678 only';
const CARD = '4111 1111 1111 1111';

describe('redact', () => {
  it('without a configuration follows the defaults, and adds nothing to the text', async () => {
    const { status, stdout } = await cli(['redact'], { stdin: `my card is ${CARD}` });
    expect(status).toBe(0);
    expect(stdout).not.toContain(CARD);
    expect(stdout).toMatch(/^my card is /);
    expect(await cli(['redact'], { stdin: 'nothing to see\n' })).toMatchObject({ stdout: 'nothing to see\n' });
  });

  it('follows the rules of --config in the direction asked for', async () => {
    const asked = await cli(['redact', '--config', config], { stdin: TICKET });
    expect(asked.stdout).not.toContain('TCK-12345678');
    const answered = await cli(['redact', '--config', config, '--direction', 'response'], { stdin: TICKET });
    expect(answered.stdout).toBe(TICKET);
    expect(await cli(['redact', '--direction', 'sideways'], { stdin: TICKET })).toMatchObject({ status: 2 });
  });

  it('reads a file', async () => {
    const path = join(directory, 'text');
    writeFileSync(path, `${TICKET}\n`);
    const { stdout } = await cli(['redact', path, '--config', config, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ rule: 'custom.ticket', action: 'mask', start: 6, end: 18 }],
    });
  });

  it('exits 1 where a rule blocks', async () => {
    const blocked = await cli(['redact', '--config', config], { stdin: 'project BLUEBIRD' });
    expect(blocked).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('custom.codename') });
  });
});

describe('redact --jsonl', () => {
  const lines = (...texts: string[]) => texts.map((text) => `${JSON.stringify({ text })}\n`).join('');
  const parse = (stdout: string) =>
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);

  it('answers line by line, offsets in UTF-16 units of the input', async () => {
    const stdin = lines('nothing', `🦜 ${TICKET}`);
    const { status, stdout } = await cli(['redact', '--jsonl', '--config', config], { stdin });
    expect(status).toBe(0);
    expect(parse(stdout)).toMatchObject([
      { text: 'nothing', findings: [] },
      { findings: [{ rule: 'custom.ticket', category: 'custom', action: 'mask', start: 9, end: 21 }] },
    ]);
  });

  it('answers before the input ends', async () => {
    const seen: string[] = [];
    let release = () => {};
    const answered = new Promise<void>((resolve) => (release = resolve));
    const stdin = (async function* () {
      yield lines('first');
      await answered;
      yield lines('second');
    })();
    const onOutput = (text: string) => {
      seen.push(text);
      release();
    };
    await cli(['redact', '--jsonl'], { stdin, onOutput });
    expect(seen).toHaveLength(2);
  });

  it('keeps its lines beside those of the input where a rule blocks, and exits 1', async () => {
    const stdin = lines('one', 'project BLUEBIRD', 'three');
    const { status, stdout, stderr } = await cli(['redact', '--jsonl', '--config', config], { stdin });
    expect(status).toBe(1);
    expect(parse(stdout)).toMatchObject([{ text: 'one' }, { error: { code: 'secret_detected' } }, { text: 'three' }]);
    expect(stderr).toContain('1 of 3 lines');
  });

  it.each(['nonsense', '{"txt":"x"}', '"text"', 'null', '{"text":1}'])(
    'answers the line %s that is none with an error, goes on, and exits 1',
    async (bad) => {
      const stdin = `${lines('fine')}${bad}\n${lines('also fine')}`;
      const { status, stdout, stderr } = await cli(['redact', '--jsonl'], { stdin });
      const error = { code: 'invalid_request', message: 'Line 2 is not {"text": "..."}.' };
      expect(parse(stdout)).toMatchObject([{ text: 'fine' }, { error }, { text: 'also fine' }]);
      expect([status, stderr]).toEqual([1, '1 of 3 lines are not {"text": "..."}.\n']);
    },
  );

  it('counts refused lines apart from those that are none', async () => {
    const stdin = `${lines('project BLUEBIRD')}nonsense\n`;
    const { status, stderr } = await cli(['redact', '--jsonl', '--config', config], { stdin });
    expect(status).toBe(1);
    expect(stderr).toMatch(/1 of 2 lines were refused.*1 of 2 lines are not/);
  });
});

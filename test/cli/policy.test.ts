import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cli } from './run-cli.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/policies');
const CONFIG = join(EXAMPLE, 'eu-and-tools.yaml');
const CASES = join(EXAMPLE, 'cases.yaml');

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cases-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'cases.yaml');
  writeFileSync(path, text);
  return path;
}

const test = (file: string, ...more: string[]) => cli(['policy', 'test', file, '--config', CONFIG, ...more]);

describe('sluice policy test', () => {
  it('says ok to each case of the example', async () => {
    const { status, stdout } = await test(CASES);
    expect(stdout).toMatch(/^ok {4}EU data does not go to the US\n[^]*\n9 of 9 cases are as expected\n$/);
    expect(status).toBe(0);
  });

  it('tells what is not as expected, and exits 1', async () => {
    const changed = readFileSync(CASES, 'utf8')
      .replace('decision: deny, rule: no-shell', 'decision: pass')
      .replace('max_completion_tokens: 1024', 'max_completion_tokens: 5000');
    const { status, stderr } = await test(fileOf(changed));
    expect(stderr).toContain('FAIL  a shell is no tool\n      decision: expected "pass", was "deny" by no-shell\n');
    expect(stderr).toContain('body: expected {"max_completion_tokens":5000}, was {"max_completion_tokens":1024}');
    expect(stderr).toContain('7 of 9 cases are as expected');
    expect(status).toBe(1);
  });

  it('tells it as JSON', async () => {
    const { status, stdout } = await test(fileOf('cases: [{ name: a, expect: { decision: pass } }]'), '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'cases_failed', cases: [{ name: 'a', ok: false, rule: 'say-who-pays' }] },
    });
  });

  it.each([
    ['cases: [{ name: a, expect: { decison: pass } }]', 'did you mean "decision"?'],
    ['cases: [{ name: a, expect: { decision: maybe } }]', 'pass or deny'],
    ['cases: [{ name: a, metadata: { b: [1] }, expect: { decision: pass } }]', 'must be text'],
    ['cases: []', 'is empty'],
  ])('refuses %s with line and column', async (text, message) => {
    const { status, stderr } = await test(fileOf(text));
    expect(status).toBe(1);
    expect(stderr).toMatch(/cases\.yaml:1:\d+/);
    expect(stderr).toContain(message);
  });

  it('judges by the key as the gateway does: its team, its owner, and the metadata of both and of the body', async () => {
    const config = fileOf(`
providers: { sim: { type: simulator } }
models: { m: { target: sim/m } }
teams: [{ name: search, metadata: { region: eu } }]
keys: [{ name: app, secret: sk-app, team: search, owner: ann@example.com, metadata: { tier: free } }]
policies:
  - { name: all, when: 'key.team == "search" && key.owner == "ann@example.com" && metadata.region == "eu" && metadata.tier == "free" && metadata.a == "1" && request.choices == 3', deny: x }
  - { name: made-up, when: 'key.owner == "bob" && key.team == "search"', deny: x }
`);
    const cases = fileOf(`
cases:
  - name: one of the configuration
    key: app
    request: { model: m, n: 3, metadata: { a: "1", tier: gold } }
    expect: { decision: deny, rule: all }
  - { name: one that is made up, key: { name: x, owner: bob, team: search }, expect: { decision: deny, rule: made-up } }
`);
    const { status, stdout } = await cli(['policy', 'test', cases, '--config', config]);
    expect(stdout).toContain('2 of 2 cases are as expected');
    expect(status).toBe(0);
  });

  it.each([
    ['key: nobody', 'the case "a" names the key "nobody", which the configuration does not have'],
    ['key: { name: x, team: nowhere }', 'names the team "nowhere"'],
    ['request: { model: 5 }', 'the request of the case "a" cannot be read: "model" must be a string.'],
  ])('refuses a case that no request could be: %s', async (field, message) => {
    const { status, stderr } = await test(fileOf(`cases: [{ name: a, ${field}, expect: { decision: pass } }]`));
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(1);
  });

  it('refuses a file that is not there, and a configuration that is wrong', async () => {
    expect((await test('/nowhere/cases.yaml')).stderr).toContain('cannot be read (ENOENT)');
    const config = fileOf('policies: [{ name: a, when: nope, deny: x }]');
    const { status, stderr } = await cli(['policy', 'test', CASES, '--config', config]);
    expect(status).toBe(1);
    expect(stderr).toContain('cases.yaml:1:');
  });
});

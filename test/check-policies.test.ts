import { describe, expect, it } from 'vitest';
import { checkParts } from '../src/check-parts.ts';
import { parseConfig } from '../src/config/load.ts';
import type { ConfigError, Problem } from '../src/config/problem.ts';

const HEAD = `providers: { sim: { type: simulator } }
models: { chat: { target: sim/a }, "gpt-*": { provider: sim } }
prompts: { calm: { v1: { system: "Be calm." } } }
`;

function problemsOf(yaml: string): readonly Problem[] {
  try {
    parseConfig(Buffer.from(HEAD + yaml), 'sluice.yaml', {}, checkParts);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

const policy = (fields: string) => problemsOf(`policies:\n  - { name: a, ${fields} }\n`);

describe('a policy that is right', () => {
  it.each([
    `when: 'request.model.startsWith("gpt-")', set: { max_tokens: 1024 }`,
    `when: 'metadata.region == "eu" && target.provider != "claude"', deny: "EU data stays on claude"`,
    `deny: no`,
    `route: chat`,
    `route: gpt-4o`,
    `prompt: calm@v1`,
    `when: 'request.tools.exists(t, t.matches("^sh"))', approve: true`,
    `when: 'has(metadata.a) || metadata["b"] in ["x", "y"]', tag: { a: 1 }`,
    `when: 'attack.score > 0.8 && time.hour in [0, 1] && redaction.rules["secret.github_pat"] > 0', deny: no`,
    `when: 'response.finish_reason == "length" && target.model == "x"', deny: no`,
  ])('is accepted: %s', (fields) => {
    expect(policy(fields)).toEqual([]);
  });
});

describe('a condition that is wrong', () => {
  it.each([
    ['no such key: modl (at character 9', 'request.modl == "x"', 'did you mean "model"?'],
    ['unknown variable: reqest (at character 1', 'reqest.model == "x"', 'did you mean "request"?'],
    ['of type int, not bool', 'request.max_tokens', 'compare it'],
    ['no such overload: int > string', 'request.max_tokens > "1"', 'values of one type'],
    ['unexpected token: EOF (at the end', 'request.stream &&', 'correct it'],
    ['asks has() of a variable', 'has(request.model)', 'metadata.NAME'],
    ['uses dyn()', 'dyn(request.model) == 1', 'leave it out'],
    ['has a bad pattern', 'request.user.matches("(?=x)")', 'RE2'],
    ['pattern that is not written out', 'request.user.matches(request.model)', 'matches("PATTERN")'],
    ['a macro inside another', 'request.tools.exists(a, request.tools.exists(b, a == b))', 'two policies'],
    ['a list of unknown length', 'request.user.split(",").exists(x, x == "")', 'request.tools'],
    ['exceeded maxAstNodes', `${'!'.repeat(600)}true`, 'correct it'],
    ['exceeded maxDepth', `${'('.repeat(40)}true${')'.repeat(40)}`, 'correct it'],
    ['longer than 4096', `request.user == "${'x'.repeat(5000)}"`, 'split it'],
    ['unknown function linearMatches', 'linearMatches(request.user, "x")', 'correct it'],
  ])('is refused: %s', (message, when, fix) => {
    const [problem, ...others] = policy(`deny: no, when: '${when}'`);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path: 'policies[0].when', line: 5, column: 32 });
    expect(problem!.message).toContain(message);
    expect(problem!.fix).toContain(fix);
  });

  it('is told with the line inside it', () => {
    const [problem] = problemsOf(`policies:
  - name: a
    deny: no
    when: |
      request.stream &&
      request.modl == "x"
`);
    expect(problem).toMatchObject({ line: 7, column: 11 });
    expect(problem!.message).toContain('line 2, character 9');
  });

  it('is refused in the match of a rollout too, and so is what is not known there', () => {
    const rollout = (when: string) =>
      problemsOf(`rollouts:\n  - { name: r, match: { when: '${when}' }, canary: { target: sim/b } }\n`);
    expect(rollout('request.max_tokens > 5')).toEqual([]);
    expect(rollout('request.modl == "x"')[0]).toMatchObject({ path: 'rollouts[0].match.when', line: 5 });
    expect(rollout('target.provider == "x"')[0]!.message).toContain('reads target.provider, which is not known yet');
  });
});

describe('a policy that could not do what it says', () => {
  it.each([
    ['when: request.stream', 'policies[0]', 'does nothing'],
    ['deny: no, set: { seed: 1 }', 'policies[0].set', 'is never done'],
    ['route: nobody', 'policies[0].route', 'unknown model "nobody"'],
    ['prompt: calm@v2', 'policies[0].prompt', 'unknown prompt "calm@v2"'],
    ['set: { model: x }', 'policies[0].set.model', 'may not be set by a policy'],
    ['cap: { stream: 1 }', 'policies[0].cap.stream', 'may not be set by a policy'],
    [`route: chat, when: 'redaction.findings > 0'`, 'policies[0].route', 'comes too late'],
    [`tag: { a: b }, when: 'target.model == "x"'`, 'policies[0].tag', 'comes too late'],
    [`set: { seed: 1 }, when: 'response.refusal'`, 'policies[0].set', 'comes too late'],
    ['deny: ""', 'policies[0].deny', 'is empty'],
    ['dny: x', 'policies[0].dny', ''],
  ])('is refused: %s', (fields, path, message) => {
    const [problem] = policy(fields);
    expect(problem).toMatchObject({ path, line: 5 });
    expect(problem!.message).toContain(message);
  });

  it('has a name of its own', () => {
    const problems = problemsOf('policies:\n  - { name: a, deny: no }\n  - { name: a, deny: no }\n');
    expect(problems).toMatchObject([{ path: 'policies[1].name', line: 6 }]);
  });
});

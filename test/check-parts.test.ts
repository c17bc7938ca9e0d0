import { expect, test } from 'vitest';
import { checkParts } from '../src/check-parts.ts';
import { parseConfig } from '../src/config/load.ts';
import type { ConfigError } from '../src/config/problem.ts';

function problemsOf(yaml: string): string[] {
  try {
    parseConfig(Buffer.from(yaml), 'sluice.yaml', {}, checkParts);
    return [];
  } catch (error) {
    return (error as ConfigError).problems.map(({ line, column, path }) => `${line}:${column} ${path}`);
  }
}

const SIMULATED = 'models: { "*": { provider: sim } }\n';

test('a pattern that streams cannot judge is refused with its place', () => {
  const yaml = `${SIMULATED}providers: { sim: { type: simulator } }
redaction:
  rules:
    - { id: custom.good, pattern: "TCK-[0-9]{8}" }
    - { id: custom.endless, pattern: "TCK-.*" }
    - { id: custom.lookahead, pattern: "(?=x)y" }
`;
  expect(problemsOf(yaml)).toEqual(['6:38 redaction.rules[1].pattern', '7:40 redaction.rules[2].pattern']);
});

const DETECTOR = 'redaction: { detectors: [{ name: d, type: presidio, url: http://d/analyze, entities: { P: { rule: ';

test('what a detector finds has an id of its own, which models may name for requests only', () => {
  const start = `${SIMULATED}providers: { sim: { type: simulator } }\n`;
  const key = (rule: string): string => `keys: [{ name: k, secret: s, redaction: { rules: [${rule}] } }]\n`;
  expect(problemsOf(`${start}${DETECTOR}pii.person } } }] }\n${key('{ id: pii.person, request: mask }')}`)).toEqual([]);
  const inReplies = `${start}${DETECTOR}pii.person } } }] }\n${key('{ id: pii.person, response: mask }')}`;
  expect(problemsOf(inReplies)).toEqual(['4:50 keys[0].redaction.rules']);
  expect(problemsOf(`${start}${DETECTOR}pii.email } } }] }`)).toEqual(['3:25 redaction.detectors']);
});

test('a simulator profile or fault that does not exist is refused with its place', () => {
  const yaml = `${SIMULATED}providers:
  sim:
    type: simulator
    profiles: { good: { errorRate: 0.5 }, bad: { errorRate: 2 } }
    faults: [cut:0.1, bogus]
`;
  expect(problemsOf(yaml)).toEqual(['5:48 providers.sim.profiles.bad', '6:23 providers.sim.faults[1]']);
});

test('a rule is tried on its examples and near misses, wherever in the list it stands', () => {
  const yaml = `${SIMULATED}providers: { sim: { type: simulator } }
redaction:
  rules:
    - { id: secret.github_pat, request: mask }
    - { id: custom.ticket, pattern: "TCK-[0-9]{8}", examples: [TCK-12345678, TCK-1], nearMisses: [a TCK-123456789, TCK] }
    - { id: custom.dead, pattern: "TCK$1" }
`;
  expect(problemsOf(yaml)).toEqual([
    '6:78 redaction.rules[1].examples[1]',
    '6:99 redaction.rules[1].nearMisses[0]',
    '7:35 redaction.rules[2].pattern',
  ]);
});

test('an allowed value that no rule would find is told of, and never quoted', () => {
  const yaml = `${SIMULATED}providers: { sim: { type: simulator } }
redaction:
  rules: [ { id: custom.ticket, pattern: "TCK-[0-9]{8}" }, { id: custom.word, pattern: PROJECT-X } ]
  allow: [ sk-sluice-dev, TCK-12345678, two words, changeme99, PROJECT-X ]
`;
  const { warnings } = parseConfig(Buffer.from(yaml), 'sluice.yaml', {}, checkParts);
  expect(warnings.map(({ path, message }) => `${path} ${message}`)).toEqual([
    'redaction.rules[1].pattern "redaction.rules[1].pattern" finds nothing but a value of redaction.allow: it does nothing',
    'redaction.allow[2] "redaction.allow[2]" is a value that no rule finds: it does nothing',
  ]);
});

import { describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import { load, problemsOf, refusalOf } from './load-text.ts';

type Case = [what: string, yaml: string, place: string, message: string | RegExp, fix: string | RegExp];

const SIM = 'providers: { sim: { type: simulator } }\n';

const CASES: Case[] = [
  ['an unknown section', 'gatewey: {}', '1:1', '"gatewey" is not a known setting', 'did you mean "gateway"?'],
  ['an unknown setting', 'gateway:\n  prot: 1', '2:3', '"gateway.prot" is not a known setting', 'did you mean "port"?'],
  [
    'a name unlike any other',
    'auth: { zzzzzz: 1 }',
    '1:9',
    '"auth.zzzzzz" is not',
    'remove it, or use one of required',
  ],
  ['text for a port', 'gateway: { port: web }', '1:18', '"gateway.port" must be a whole number', 'from 0 to 65535'],
  ['a port out of range', 'gateway: { port: 65536 }', '1:18', 'must be a whole number', 'from 0 to 65535'],
  ['a list for a section', 'gateway: []', '1:10', '"gateway" must be a map, not a list', 'write a map'],
  ['a list for the file', '- a', '1:1', 'The configuration must be a map, not a list', 'write a map'],
  ['a duration without a unit', 'gateway: { timeouts: { drain: 30 } }', '1:31', 'must be a duration', '500ms, 30s'],
  ['a time limit of 0', 'gateway: { timeouts: { drain: 0s } }', '1:31', 'must be longer than 0', '30s'],
  [
    'a duration that timers cannot hold',
    'gateway: { timeouts: { drain: 600h } }',
    '1:31',
    'must be a duration',
    '500h',
  ],
  ['a size without meaning', 'gateway: { maxBodyBytes: 20MB }', '1:26', 'must be a size', '20MiB'],
  ['a share above 1', 'upstream: { retryBudget: { fraction: 2 } }', '1:38', 'from 0 to 1', '0.2'],
  ['text for a switch', 'auth: { required: maybe }', '1:19', '"auth.required" must be true or false', 'true or false'],
  [
    'an unknown level',
    'log: { level: loud }',
    '1:15',
    '"log.level" has a value',
    'debug or info or warn or error or silent',
  ],
  ['a host with a port', 'gateway: { host: "a/b" }', '1:18', '"gateway.host" must be a host', 'without a port'],
  ['an unknown store', 'store: "mysql:x"', '1:8', '"store" must be a store', 'sqlite:PATH'],
  ['a database server without a host', 'store: "postgres:///d"', '1:8', '"store" names no host', 'HOST:5432'],
  ['a database server without a database', 'store: "postgres://u@h"', '1:8', '"store" names no database', 'DATABASE'],
  ['a database server without a user', 'store: "postgres://h/d"', '1:8', '"store" names no user', 'USER'],
  ['half an escape in a password', 'store: "postgres://u:%@h/d"', '1:8', 'has a % that encodes nothing', '%25'],
  [
    'an option that a store has not',
    'store: "postgres://u@h/d?ssl=on"',
    '1:8',
    '"store" has an unknown option "ssl"',
    'use host, sslmode',
  ],
  ['a way of TLS', 'store: "postgres://u@h/d?sslmode=prefer"', '1:8', 'option "sslmode"', 'verify-full'],
  ['a pool of nothing', 'store: "postgres://u@h/d?pool=0"', '1:8', 'option "pool"', 'from 1 to 200'],
  ['a schema in other letters', 'store: "postgres://u@h/d?schema=A-b"', '1:8', 'option "schema"', 'lower case'],
  ['a certificate without its key', 'store: "postgres://u@h/d?sslcert=c"', '1:8', 'one of sslcert', 'both files'],
  ['a counter server of another kind', 'counters: "mysql://h"', '1:11', 'must be a counter store', 'memory:'],
  [
    'too little patience with workers',
    'gateway: { workerTimeout: 500ms }',
    '1:27',
    '"gateway.workerTimeout" must be a duration of 5s or more, or never',
    'never',
  ],
  [
    'no workers',
    'gateway: { workers: 0 }',
    '1:21',
    '"gateway.workers" must be 1 to 256, or auto',
    'auto for one per core',
  ],
  ['an open admin port', 'admin: { host: 0.0.0.0 }', '1:16', '"admin.host" is open', 'set admin.token'],
  ['an open admin port by name', 'admin: { host: gateway.example }', '1:16', '"admin.host" is open', 'set admin.token'],
  [
    'one port for both planes',
    'admin: { port: 8080 }',
    '1:16',
    '"admin.port" is the same as "gateway.port"',
    'another port',
  ],
  ['one port on a wildcard', 'gateway: { host: "::", port: 8081 }', '1:1', '"admin.port" is the same', 'another port'],
  [
    'a token with a line break',
    'admin: { token: "a\\n" }',
    '1:17',
    '"admin.token" holds a space, a line break',
    'check',
  ],
  ['a provider without a type', 'providers: { a: {} }', '1:17', '"providers.a.type" must have a type', 'simulator'],
  [
    'a provider of an unknown type',
    'providers: { a: { type: azure } }',
    '1:25',
    '"providers.a.type" must have a type',
    'openai',
  ],
  [
    'a provider name with a slash',
    'providers: { a/b: { type: openai } }',
    '1:14',
    '"providers["a/b"]" must be a name',
    'letters',
  ],
  [
    'a base URL for a simulator',
    'providers: { a: { type: simulator, baseUrl: "http://h" } }',
    '1:36',
    'not a known',
    'remove it',
  ],
  [
    'a header of the gateway',
    'providers: { a: { type: openai, headers: { Host: x } } }',
    '1:44',
    'gateway sets itself',
    'remove',
  ],
  [
    'a header value with a line break',
    'providers: { a: { type: openai, headers: { x: "a\\nb" } } }',
    '1:47',
    'line break',
    'check',
  ],
  ['a key with a space', 'providers: { a: { type: openai, apiKey: "a b" } }', '1:41', 'holds a space', 'check'],
  [
    'an unknown pass-through',
    `${SIM}passthrough: { provider: smi }`,
    '2:26',
    'unknown provider "smi"',
    'did you mean "sim"?',
  ],
  [
    'a target without a provider',
    `${SIM}models: { m: { target: fast } }`,
    '2:24',
    'must be a target',
    'provider/model',
  ],
  [
    'a target of an unknown provider',
    `${SIM}models: { m: { target: sam/fast } }`,
    '2:24',
    'unknown provider "sam"',
    '"sim"',
  ],
  [
    'a route to an unknown provider',
    `${SIM}models: { m: { provider: x } }`,
    '2:26',
    'unknown provider "x"',
    'one of sim',
  ],
  ['a route to nowhere', `${SIM}models: { m: {} }`, '2:14', 'neither a target nor a provider', 'exactly one'],
  [
    'a route to two places',
    `${SIM}models: { m: { target: sim/a, provider: sim } }`,
    '2:14',
    'a target and a provider',
    'exactly',
  ],
  [
    'a fallback equal to its target',
    `${SIM}models: { m: { target: sim/a, fallbacks: [sim/a] } }`,
    '2:43',
    'is tried already',
    'another',
  ],
  [
    'a fallback that stands twice',
    `${SIM}models: { m: { target: sim/a, fallbacks: [sim/b, sim/b] } }`,
    '2:50',
    'is tried already',
    '',
  ],
  [
    'an unknown fallback',
    `${SIM}models: { m: { target: sim/a, fallbacks: [x/b] } }`,
    '2:43',
    'unknown provider "x"',
    'sim',
  ],
  ['a prompt without text', 'prompts: { p: { v1: { system: "" } } }', '1:31', 'is empty', 'write a value'],
  ['a key without a secret', 'keys: [{ name: a }]', '1:8', '"keys[0].secret" is missing', 'add it'],
  [
    'a key with an empty secret',
    'keys: [{ name: a, secret: "" }]',
    '1:27',
    '"keys[0].secret" is empty',
    'write the key',
  ],
  [
    'a key that poses as no key',
    'keys: [{ name: anonymous, secret: s }]',
    '1:16',
    'callers without a key',
    'another name',
  ],
  ['a bad rate', 'keys: [{ name: a, secret: s, limits: { requests: 5 } }]', '1:50', 'must be a rate', '600/m'],
  [
    'a rate beyond counting',
    'keys: [{ name: a, secret: s, limits: { tokens: 900000000M/d } }]',
    '1:48',
    'must be a rate',
    '600/m',
  ],
  [
    'a rate of parts',
    'keys: [{ name: a, secret: s, limits: { requests: 0.5/s } }]',
    '1:50',
    'must be a rate',
    'a whole amount',
  ],
  ['two teams of one name', 'teams: [{ name: a }, { name: a }]', '1:30', 'is the same as', 'its own name'],
  ['a limit of nothing', 'limits: [{ name: a }]', '1:10', 'limits nothing', 'requests, tokens, concurrent or budget'],
  [
    'a limit by nothing known',
    'limits: [{ name: a, by: [user], requests: 5/m }]',
    '1:26',
    'is nothing to count by',
    'metadata.NAME',
  ],
  [
    'a limit of an unknown provider',
    'limits: [{ name: a, match: { provider: x }, requests: 5/m }]',
    '1:40',
    'not configured',
    'use',
  ],
  [
    'a share of nothing',
    'keys: [{ name: a, secret: s, onCounterFailure: 0% }]',
    '1:48',
    'must say what holds',
    'closed',
  ],
  ['a bad budget', 'keys: [{ name: a, secret: s, budget: 50 EUR/month }]', '1:38', 'must be a budget', '50 USD/month'],
  ['an unknown action', 'redaction: { cards: hide }', '1:21', '"redaction.cards" must be an action', 'placeholder'],
  [
    'an unknown action one way',
    'redaction: { cards: { request: hide } }',
    '1:32',
    '"redaction.cards.request" has a value',
    'mask',
  ],
  [
    'an unknown direction',
    'redaction: { cards: { requests: mask } }',
    '1:23',
    'not a known setting',
    'did you mean "request"?',
  ],
  [
    'one rule id twice',
    'redaction: { rules: [{ id: a, pattern: b }, { id: a, pattern: c }] }',
    '1:51',
    'repeats "a"',
    'own id',
  ],
  [
    'a setting that stands twice',
    'gateway: {}\ngateway: {}',
    '2:1',
    'not valid YAML: Map keys must be unique',
    'check',
  ],
  ['a bracket that is not closed', 'gateway: {', '1:11', 'not valid YAML', 'check'],
  ['two documents', 'a: 1\n---\nb: 2', '2:1', 'not valid YAML', 'check'],
  ['an unknown tag', 'gateway: !js "x"', '1:10', 'not valid YAML: Unresolved tag', 'check'],
  [
    'an unset variable',
    'admin: { token: "${NOPE}" }',
    '1:17',
    'needs the environment variable NOPE',
    '${NOPE:-DEFAULT}',
  ],
  ['a reference that is not closed', 'admin: { token: "${NOPE" }', '1:17', 'begins no reference', '$${'],
];

describe('a configuration file is refused at the place of the mistake, with the fix, for', () => {
  it.each(CASES)('%s', (_, yaml, place, message, fix) => {
    const [problem, ...others] = problemsOf(yaml);
    expect(others).toEqual([]);
    expect(`${problem!.line}:${problem!.column}`).toBe(place);
    expect(problem!.message).toMatch(message);
    expect(problem!.fix).toMatch(fix);
    expect(problem!.file).toBe('test.yaml');
  });

  it.each([
    ['an empty file', '', '1:1', 'providers'],
    ['a file of nothing but comments', '# gateway\n', '1:1', 'providers'],
    [
      'a file that was cut off before its providers',
      'gateway: { port: 1 }\nauth: { required: true }',
      '1:1',
      'providers',
    ],
    ['a file that was cut off at its providers', 'auth: { required: true }\nproviders:', '2:11', 'providers'],
    ['providers without one', 'auth: { required: true }\nproviders: {}', '2:12', 'providers'],
    ['a file that was cut off before its models', SIM, '1:1', 'models'],
    ['a file that was cut off at its models', `${SIM}models:\n`, '2:8', 'models'],
    ['models without one, and no pass-through either', `${SIM}models: {}\npassthrough: {}`, '2:9', 'models'],
  ])('%s', (_, yaml, place, path) => {
    expect(problemsOf(yaml).map((problem) => [`${problem.line}:${problem.column}`, problem.path])).toEqual([
      [place, path],
    ]);
    expect(problemsOf(yaml)[0]!.fix).toMatch(/^name at least one, e\.g\. /);
  });

  it.each(['name', 'secret'])('two keys with one %s, without telling it', (field) => {
    const keys = [
      { name: 'one', secret: 'sk-first-secret' },
      { name: 'two', secret: 'sk-other-secret', [field]: field === 'name' ? 'one' : 'sk-first-secret' },
    ];
    const problems = problemsOf(`keys:\n  - ${JSON.stringify(keys[0])}\n  - ${JSON.stringify(keys[1])}`);
    expect(problems.map(({ line, path }) => [line, path])).toEqual([[3, `keys[1].${field}`]]);
    expect(problems[0]!.message).toBe(`"keys[1].${field}" is the same as "keys[0].${field}"`);
  });

  it('two rollouts with one name', () => {
    const rollout = '{ name: r, match: { model: m }, canary: { target: sim/a } }';
    const problems = problemsOf(`${SIM}rollouts:\n  - ${rollout}\n  - ${rollout}`);
    expect(problems.map(({ line, message }) => [line, message])).toEqual([
      [4, '"rollouts[1].name" is the same as "rollouts[0].name"'],
    ]);
  });

  it('bytes that are not UTF-8', () => {
    const [problem] = refusalOf(() => parseConfig(Buffer.from([0x67, 0xff]), 'test.yaml', {}));
    expect(problem).toMatchObject({ file: 'test.yaml', line: null, message: 'The file is not UTF-8 text.' });
  });

  it('a path without a file', () => {
    const [problem] = refusalOf(() => loadConfig('/nonexistent/sluice.yaml', {}));
    expect(problem).toMatchObject({ file: '/nonexistent/sluice.yaml', message: 'The file cannot be read (ENOENT).' });
  });
});

describe('the problems of a file', () => {
  it('are told all at once, in the order of the lines', () => {
    const problems = problemsOf('log: { level: loud }\nadmin: { tokn: x }\ngateway: { port: a, host: 5 }');
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [1, 'log.level'],
      [2, 'admin.tokn'],
      [3, 'gateway.port'],
      [3, 'gateway.host'],
    ]);
  });

  it('stand at the anchor where an alias leads to them', () => {
    const problems = problemsOf('gateway: { timeouts: &t { idle: 1s } }\nupstream: { timeouts: *t }');
    expect(problems.map(({ line, path }) => [line, path])).toEqual([[1, 'gateway.timeouts.idle']]);
  });

  it('name an unset variable instead of what follows from it', () => {
    const problems = problemsOf('gateway: { port: "${PORT}" }');
    expect(problems.map(({ message }) => message)).toEqual([
      '"gateway.port" needs the environment variable PORT, which is not set',
    ]);
  });

  it('never quote a value that may be a secret', () => {
    const secret = 'sk-very-secret-value';
    const texts = [
      `admin: { token: "${secret} " }`,
      `admin: { token: [${secret}] }`,
      `keys: [{ name: a, secret: "${secret} " }]`,
      `keys: [{ name: "${secret}!", secret: "${secret}" }]`,
      `providers: { a: { type: openai, baseUrl: "https://u:${secret}@h" } }`,
      `providers: { a: { type: openai, apiKey: { x: ${secret} } } }`,
      `store: "postgres://u:${secret}@"`,
      `store: "postgres://u:${secret}%@h/d"`,
      `store: "postgres://u:${secret}@h/d?pool=${secret}"`,
      `store: "mysql://u:${secret}@h/d"`,
      `redaction: { allow: "${secret}" }`,
      `admin: { token: |${secret}\n }`,
      `admin:\n  token: "a" ${secret}`,
      `admin:\n  token: @${secret}`,
    ];
    expect(texts.filter((text) => JSON.stringify(problemsOf(text)).includes(secret))).toEqual([]);
  });
});

describe('a file that would exhaust the machine is refused', () => {
  it.each([
    ['nesting', `gateway: ${'['.repeat(100)}${']'.repeat(100)}`, /nests deeper than 64 levels/],
    ['endless nesting', `a: ${'['.repeat(100_000)}`, /nests deeper than 64 levels/],
    ['an alias of itself', 'gateway: &a [*a, *a]', /nests deeper than 64 levels/],
    ['an alias without an anchor', 'gateway: *a', /Unresolved alias|aliases/],
  ])('for %s', (_, yaml, message) => {
    expect(problemsOf(yaml)[0]!.message).toMatch(message);
  });

  it('for aliases that multiply', () => {
    const levels = Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`);
    expect(problemsOf(`a0: &a0 [x]\n${levels.join('\n')}`)[0]!.message).toMatch('aliases');
  });
});

describe('a file may leave out', () => {
  it.each([
    ['the sections that it does not need', ''],
    ['their content', 'keys:\nprompts:\n'],
  ])('%s', (_, yaml) => {
    expect(load(yaml).config.keys).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { expand } from '../../src/config/environment.ts';
import { load, problemsOf } from './load-text.ts';

describe('a reference to the environment', () => {
  const environment = { SET: 'value', EMPTY: '', REF: '${SET}' };

  it.each([
    ['${SET}', 'value'],
    ['a ${SET} b ${SET}', 'a value b value'],
    ['${SET:-other}', 'value'],
    ['${EMPTY}', ''],
    ['${EMPTY:-other}', 'other'],
    ['${UNSET:-other}', 'other'],
    ['${UNSET:-}', ''],
    ['${UNSET:-a:-b}', 'a:-b'],
    ['$${SET}', '${SET}'],
    ['$SET $ {SET} }', '$SET $ {SET} }'],
    ['${REF}', '${SET}'],
  ])('%s reads as %s', (text, expected) => {
    expect(expand(text, environment)).toEqual({ text: expected, missing: [], isMalformed: false });
  });

  it('tells every variable that is missing', () => {
    expect(expand('${A}${B:-x}${C}', {}).missing).toEqual(['A', 'C']);
  });

  it.each(['${', '${}', '${1A}', '${A', '${A-b}', '${A B}'])('%s is malformed', (text) => {
    expect(expand(text, {}).isMalformed).toBe(true);
  });
});

describe('a variable in the configuration file', () => {
  it('cannot change the structure', () => {
    const hostile = 'x", port: 1 }\nauth: { required: true }\n#';
    const { config } = load('prompts: { p: { v1: { system: "${TEXT}" } } }', { TEXT: hostile });
    expect(config.prompts.get('p')!.get('v1')!.system).toBe(hostile);
    expect(config.auth.required).toBe(false);
  });

  it('sets numbers and switches too, quoted or not', () => {
    const { config } = load('gateway: { port: "${PORT}" }\nauth:\n  required: ${REQUIRED:-true}', { PORT: '9000' });
    expect(config.gateway.port).toBe(9000);
    expect(config.auth.required).toBe(true);
  });

  it('is not read in a comment or in a name', () => {
    const { config } = load(
      '# ${UNSET}\nproviders: { sim: { type: simulator } }\nmodels: { "${UNSET}": { target: sim/a } }',
    );
    expect(config.routes.map(({ name }) => name)).toEqual(['${UNSET}']);
  });

  it('is missed once for each place, with the path of the place', () => {
    const problems = problemsOf('admin: { token: "${A}" }\nkeys: [{ name: k, secret: "${B}" }]');
    expect(problems.map(({ path, line }) => [path, line])).toEqual([
      ['admin.token', 1],
      ['keys[0].secret', 2],
    ]);
  });

  it('that is empty leaves an optional key out and a caller key refused', () => {
    const { config } = load('providers: { o: { type: openai, apiKey: "${K:-}" } }\nadmin: { token: "${K:-}" }');
    expect(config.providers[0]!.key).toEqual({ kind: 'none' });
    expect(config.admin.token).toBeNull();
    expect(problemsOf('keys: [{ name: a, secret: "${K:-}" }]')[0]!.message).toBe('"keys[0].secret" is empty');
  });
});

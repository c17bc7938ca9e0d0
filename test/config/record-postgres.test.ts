import { expect, test } from 'vitest';
import { describeConfig } from '../../src/config/redacted-config.ts';
import { load, problemsOf, whole } from './load-text.ts';

const STORE = 'postgres://sluice:hush-hush@db:5432/llm?schema=own';
const OTHER = 'postgres://sluice:quite-quiet@elsewhere/records';

const postgresOf = (yaml: string, environment: Readonly<Record<string, string>> = {}) =>
  load(yaml, environment).config.record.postgres;

test('no records go to Postgres unless that is asked for', () => {
  expect(postgresOf(`store: "${STORE}"`)).toBeNull();
});

test('they go where the store is, or to a place of their own', () => {
  expect(postgresOf(`store: "${STORE}"\nrecord: { postgres: {} }`)).toEqual({ url: STORE, retention: 30 * 86_400_000 });
  expect(postgresOf(`store: "${STORE}"\nrecord: { postgres: { url: store, retention: 7d } }`)).toEqual({
    url: STORE,
    retention: 7 * 86_400_000,
  });
  const environment = { RECORDS: OTHER };
  expect(postgresOf('record: { postgres: { url: "${RECORDS}" } }', environment)!.url).toBe(OTHER);
});

test.each([
  ['record: { postgres: {} }', 'record.postgres', /which is not on Postgres.*add url: postgres:/s],
  ['record: { postgres: { url: mysql://x } }', 'record.postgres.url', /is no URL/],
  ['record: { postgres: { url: "postgres://u:hush-hush@h/d?ssl=1" } }', 'record.postgres.url', /unknown option "ssl"/],
  [`record: { postgres: { url: "${OTHER}", retention: 5m } }`, 'record.postgres.retention', /too short/],
  [`record: { postgres: { url: "${OTHER}", keep: 5d } }`, 'record.postgres', /keep/],
])('%s is refused, at its place and without a password', (yaml, path, told) => {
  const [problem] = problemsOf(whole(yaml));
  expect(problem!.path).toContain(path);
  expect(problem!.line).toBe(1);
  const text = `${problem!.message} ${problem!.fix}`;
  expect(text).toMatch(told);
  expect(text).not.toMatch(/hush|quiet/);
});

test('their password is in no description of the configuration', () => {
  const { config } = load(`record: { postgres: { url: "${OTHER}" } }`);
  const described = JSON.stringify(describeConfig(config));
  expect(described).toContain('postgres://sluice@elsewhere:5432/records, schema sluice');
  expect(described).not.toContain('quite-quiet');
});

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load.ts';

const ROOT = join(import.meta.dirname, '../..');
// Other YAML under examples/ (Compose files, single rollouts) is not a gateway configuration.
const FILES = globSync(['config/*.yaml', 'examples/**/sluice*.yaml'], { cwd: ROOT });

it('the configuration that the gateway starts with is among the shipped files', () => {
  expect(FILES).toContain('config/sluice.yaml');
});

it.each(FILES)('%s loads without any variable set, and without a warning', (file) => {
  expect(loadConfig(join(ROOT, file), {}).warnings).toEqual([]);
});

it('the first start needs no key and no network', () => {
  const { config } = loadConfig(join(ROOT, 'config/sluice.yaml'), {});
  expect(config.providers.map(({ type }) => type)).toEqual(['simulator']);
  expect(config.auth.required).toBe(false);
  expect(config.rollouts.map(({ name, kind, steps }) => [name, kind, steps[0]!.weight])).toEqual([
    ['fast-v2', 'canary', 5],
  ]);
});

it('the JSON Schema beside the configuration accepts it as editors read it, and refuses a mistake', () => {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(ROOT, 'config/sluice.schema.json'), 'utf8')));
  const file = parse(readFileSync(join(ROOT, 'config/sluice.yaml'), 'utf8')) as Record<string, unknown>;
  expect(schema.safeParse(file).error).toBeUndefined();
  expect(schema.safeParse({ ...file, gateway: { prot: 1 } }).success).toBe(false);
  expect(schema.safeParse({ ...file, log: { level: 'loud' } }).success).toBe(false);
});

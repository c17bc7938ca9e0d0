import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { load } from './load-text.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What the snippets refer to and do not say themselves. */
const AROUND = 'models: { chat-fast: { target: sim/fast-v1 } }\n';
const ENV = { SUPPORT_KEY: 'sk-sluice-support-0123456789abcdef', SLUICE_STORE_PASSWORD: 'example' };

function snippets(page: string): readonly (readonly [string, string])[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml], index) => [`${page} #${index + 1}`, yaml!]);
}

describe('a configuration in the documentation', () => {
  const pages = [
    'docs/rollouts.md',
    'docs/webhooks.md',
    'docs/redaction.md',
    'docs/keys.md',
    'docs/audit.md',
    'docs/providers.md',
    'docs/opentelemetry.md',
    'docs/records.md',
  ];

  it.each(pages.flatMap(snippets))('%s loads without a warning', (_, yaml) => {
    const around = /^models:/m.test(yaml) ? '' : AROUND;
    expect(load(around + yaml, ENV).warnings).toEqual([]);
  });
});

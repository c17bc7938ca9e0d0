import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { load } from './load-text.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What the snippets refer to and do not say themselves. */
const AROUND = 'models: { chat-fast: { target: sim/fast-v1 } }\n';

function snippets(page: string): readonly (readonly [string, string])[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml], index) => [`${page} #${index + 1}`, yaml!]);
}

describe('a configuration in the documentation', () => {
  it.each([...snippets('docs/rollouts.md'), ...snippets('docs/webhooks.md')])(
    '%s loads without a warning',
    (_, yaml) => {
      expect(load(AROUND + yaml).warnings).toEqual([]);
    },
  );
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pageName } from '../../scripts/operations/runbook.ts';
import { GROUPS } from '../../scripts/operations/rules.ts';
import { cli } from '../cli/run-cli.ts';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const PAGES = join(DOCS, 'runbook');
const alerts = GROUPS.flatMap((group) => group.alerts);
const names = [...new Set(alerts.map(({ name }) => name))];
const index = readFileSync(join(DOCS, 'runbook.md'), 'utf8');

const page = (name: string): string => readFileSync(join(PAGES, pageName(name)), 'utf8');

describe('the runbook', () => {
  it('has a page for each alert, and no other', () => {
    expect(readdirSync(PAGES).toSorted()).toEqual(names.map(pageName).toSorted());
  });

  it.each(names)('says of %s what it means, why it is, what to do, and how to silence it', (name) => {
    const text = page(name);
    expect(text.split('\n')[0]).toBe(`# ${name}`);
    expect(text.match(/^## .+$/gm)).toEqual(['## What it means', '## Why', '## Now', '## Later', '## Silence']);
    for (const section of text.split(/^## .+$/m)) expect(section.trim().length).toBeGreaterThan(10);
    expect(text.split('## Now')[0]).toMatch(/```sh\n/);
  });

  it.each(names)('tells how urgent %s is, and lists it', (name) => {
    const severities = new Set(alerts.filter((alert) => alert.name === name).map(({ severity }) => severity));
    const said = /^\*\*(.+?)\.\*\*/m.exec(page(name))?.[1]?.toLowerCase() ?? '';
    expect(['page', 'ticket'].filter((word) => said.includes(word))).toEqual([...severities].toSorted());
    expect(index).toContain(`[${name}](runbook/${pageName(name)})`);
  });

  it('silences what it is about', () => {
    for (const name of names)
      for (const [, silenced] of page(name).matchAll(/amtool silence add alertname=(\w+)/g))
        expect(silenced).toBe(name);
  });
});

const files = ['runbook.md', 'monitoring.md', ...readdirSync(PAGES).map((name) => `runbook/${name}`)];

describe("links and commands of the operators' pages", () => {
  it.each(files)('lead somewhere: %s', (file) => {
    const text = readFileSync(join(DOCS, file), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#\s]+)#?[^)]*\)/g)].map(([, link]) => link!);
    const inside = links.filter((link) => !link.startsWith('http'));
    expect(inside.filter((link) => !existsSync(join(DOCS, file, '..', link)))).toEqual([]);
    for (const [, to = '', anchor = ''] of text.matchAll(/\]\(([^)#\s]*)#([^)]+)\)/g)) {
      const target = readFileSync(join(DOCS, file, ...(to === '' ? [] : ['..', to])), 'utf8');
      expect([anchor, anchorsOf(target).includes(anchor)]).toEqual([anchor, true]);
    }
  });
});

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
}

const GROUPED = new Set(['rollout', 'key', 'audit', 'policy']);

/** `sluice rollout abort`: everything in code that begins so, in all pages. */
function commandsIn(text: string): string[] {
  const code = [...text.matchAll(/```sh\n([^]*?)```/g), ...text.matchAll(/`([^`\n]+)`/g)].map(([, inner]) => inner!);
  return code
    .flatMap((each) => [...each.matchAll(/(?:^|[\s;|&(]|bin\/)sluice ([a-z]+)(?: ([a-z-]+))?/gm)])
    .map(([, verb = '', sub = '']) => (GROUPED.has(verb) && sub !== '' ? `${verb} ${sub}` : verb));
}

const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
const named = [...new Set(pages.flatMap((name) => commandsIn(readFileSync(join(DOCS, name), 'utf8'))))].toSorted();

describe('the commands that the docs name', () => {
  it('are some', () => {
    expect(named).toEqual(expect.arrayContaining(['check', 'rollout abort', 'key rotate', 'audit verify']));
  });

  it.each(named)('exist: sluice %s', async (command) => {
    const { stdout } = await cli([...command.split(' '), '--help']);
    expect(stdout).toMatch(new RegExp(`^Usage: sluice ${command}\\b`));
  });
});

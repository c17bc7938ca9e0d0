import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const dockerfile = read('Dockerfile');
const packageJson = JSON.parse(read('package.json')) as { version: string; devDependencies: Record<string, string> };

const argument = (name: string): string => new RegExp(`^ARG ${name}=(.*)$`, 'm').exec(dockerfile)![1]!;
/** Of the last stage. */
const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

test('the image has the Node that everything is tested on', () => {
  expect(argument('NODE_VERSION')).toBe(packageJson.devDependencies['node']);
});

test('the image is of the version of the package', () => {
  expect(argument('VERSION')).toBe(packageJson.version);
});

test('the base image is named by tag and, once it is pinned, by digest', () => {
  expect(argument('NODE_DIGEST')).toMatch(/^(?:sha256:[0-9a-f]{64})?$/);
  const bases = [...dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)].map(([, image]) => image);
  const expected = 'node:${NODE_VERSION}-bookworm-slim${NODE_DIGEST:+@$NODE_DIGEST}';
  expect(bases).toEqual([expected, expected]);
});

test('the last stage runs nothing, so that it can be built for any platform', () => {
  expect(final).not.toMatch(/^RUN /m);
});

test('the gateway runs as a user that can be seen not to be root, and gets the signals itself', () => {
  expect(final).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  expect(final).toMatch(/^ENTRYPOINT \["node", /m);
  expect(final).toMatch(/^ {2}CMD \["node", /m);
});

test('the build sees what it copies, and nothing else', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) => paths!.split(' '));
  const [everything, ...seen] = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(everything).toBe('*');
  expect(seen.sort()).toEqual(copied.map((path) => `!${path}`).sort());
});

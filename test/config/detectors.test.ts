import { expect, test } from 'vitest';
import { load, problemsOf } from './load-text.ts';

const withDetector = (settings: string): string =>
  `redaction:\n  detectors:\n    - { name: d, type: presidio, ${settings} }\n`;
const GOOD = 'url: "http://d:3000/analyze", entities: { PERSON: { rule: pii.person } }';

test('a detector needs a name, a URL and what it is asked for', () => {
  expect(load(withDetector(GOOD)).config.redaction.detectors).toEqual([
    {
      name: 'd',
      type: 'presidio',
      url: 'http://d:3000/analyze',
      headers: {},
      languages: ['en'],
      entities: [{ entity: 'PERSON', rule: 'pii.person', request: 'placeholder' }],
      minScore: 0.5,
      timeout: 2_000,
      failure: 'closed',
      maxText: 16_384,
      concurrency: 8,
      allowAddresses: [],
    },
  ]);
});

test.each([
  ['something in replies', 'url: "http://d/a", entities: { P: { rule: p, response: mask } }', /a stream cannot wait/],
  ['nothing', 'url: "http://d/a", entities: {}', /names no entity/],
  ['an address of cloud metadata', 'url: "http://169.254.169.254/a", entities: { P: { rule: p } }', /metadata address/],
  ['credentials in its URL', 'url: "http://u:p@d/a", entities: { P: { rule: p } }', /holds credentials/],
  ['a language in words', `languages: [English], ${GOOD}`, /must be a language/],
  ['no language', `languages: [], ${GOOD}`, /languages/],
  ['an unknown setting', `secret: x, ${GOOD}`, /not a known setting/],
])('a detector with %s is refused', (_, settings, message) => {
  expect(problemsOf(withDetector(settings)).map((problem) => problem.message)).toEqual([
    expect.stringMatching(message),
  ]);
});

test('two detectors of one name are refused', () => {
  const twice = withDetector(GOOD) + `    - { name: d, type: presidio, ${GOOD} }\n`;
  expect(problemsOf(twice).map(({ path }) => path)).toEqual(['redaction.detectors[1].name']);
});

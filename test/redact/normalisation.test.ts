import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, eventOf, redactBody, runStream, SECRET } from './support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);
const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const MASK = 'REDACTED_secret_github_pat';
const CARD = `4111${' 1111'.repeat(3)}`;

function redact(text: string): string {
  return redactor.redactText(text, 'request').text;
}

/** The code points of `from` and as many behind become those of `to` and behind. */
function moved(text: string, from: string, count: number, to: number): string {
  const first = from.charCodeAt(0);
  return text.replaceAll(/[^]/g, (char) => {
    const place = char.charCodeAt(0) - first;
    return place >= 0 && place < count ? String.fromCodePoint(to + place) : char;
  });
}

const DISGUISES: Readonly<Record<string, (text: string) => string>> = {
  'zero-width spaces': (text) => text.split('').join('\u200b'),
  'soft hyphens': (text) => text.split('').join('\u00ad'),
  'variation selectors': (text) => text.split('').join('\ufe0f'),
  'combining marks': (text) => text.split('').join('\u0336'),
  'marks of direction': (text) => text.split('').join('\u202e'),
  'a byte order mark': (text) => `${text.slice(0, 7)}\ufeff${text.slice(7)}`,
  tags: (text) => text.split('').join('\u{e0041}'),
  'full-width characters': (text) => moved(text, '!', 94, 0xff01),
  'mathematical capitals': (text) => moved(text, 'A', 26, 0x1d400),
  'mathematical digits': (text) => moved(text, '0', 10, 0x1d7ce),
  'Arabic digits': (text) => moved(text, '0', 10, 0x660),
  'Cyrillic letters': (text) => text.replaceAll('p', '\u0440').replaceAll('A', '\u0410'),
  'Greek letters': (text) => text.replaceAll('A', '\u0391').replaceAll('B', '\u0392'),
};

describe.each(Object.entries(DISGUISES))('a value written with %s', (_name, disguise) => {
  it.each([
    [TOKEN, MASK],
    [CARD, 'REDACTED_pii_card'],
  ])('is found whole: %s', (value, mask) => {
    expect(redact(`é ${disguise(value)} é`)).toBe(`é ${mask} é`);
    expect(redactBody(redactor, { input: `é ${disguise(value)}.` })).toEqual({ input: `é ${mask}.` });
  });

  it('is found in a stream of single characters', () => {
    const deltas = disguise(TOKEN)
      .split('')
      .map((content) => eventOf({ choices: [{ index: 0, delta: { content } }] }));
    const out = runStream(redactor, 'chat', deltas).map(({ data }) => JSON.parse(data).choices[0].delta.content);
    expect(out.join('')).toBe(MASK);
  });
});

describe('other signs', () => {
  it.each([
    ['no-break spaces', CARD.replaceAll(' ', '\u00a0'), 'REDACTED_pii_card'],
    ['dashes', CARD.replaceAll(' ', '\u2011'), 'REDACTED_pii_card'],
    ['a full-width at sign', 'ada\uff20example.com', 'REDACTED_pii_email'],
    ['an ideographic full stop', 'ada@example\u3002com', 'REDACTED_pii_email'],
  ])('%s', (_name, text, mask) => {
    expect(redact(text)).toBe(mask);
  });

  it('quotes of typography, around a password', () => {
    expect(redact('password = \u201chunter2xyz\u201d')).toMatch(/^password = \u201c?REDACTED_\w+$/);
  });
});

const CLEAN = [
  'Съешь же ещё этих мягких французских булок, да выпей чаю. Версия 2.0 вышла 14 мая 2024 года.',
  'Ξεσκεπάζω την ψυχοφθόρα βδελυγμία, 12 φορές.',
  '我们的服务器在2024年5月14日升级到版本二点零，一切正常。参见第３章。',
  'نص حكيم له سر قاطع وذو شأن عظيم، في عام ٢٠٢٤.',
  'हम सब एक साथ चलते हैं।',
  'emoji 👩‍👩‍👧‍👦 👍🏽 ❤️ and “quotes”, dashes – — and … dots',
  'naïve café, cafe\u0301, Größe, Łódź, Ǆ ﬁle',
];

describe('text of other scripts', () => {
  it.each(CLEAN)('is left alone: %s', (text) => {
    expect(redactor.redactText(text, 'request')).toEqual({ text, findings: [] });
    expect(redactor.isClean(JSON.stringify({ input: text }), 'request')).toBe(true);
  });

  it('keeps every byte around a finding', () => {
    const parts = fc.array(fc.constantFrom(...CLEAN, '\ud800', '\u200b', '\u200d', ' ', '\u0301'));
    const cases = fc.property(parts, parts, (before, after) => {
      const [left, right] = [`${before.join('')}\n`, `\n${after.join('')}`];
      expect(redact(left + DISGUISES['full-width characters']!(TOKEN) + right)).toBe(left + MASK + right);
    });
    fc.assert(cases, { seed: 51, numRuns: 200 });
  });
});

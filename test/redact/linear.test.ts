import { afterEach, describe, expect, it, vi } from 'vitest';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, eventOf, RecordingLog, runStream, SECRET } from './support.ts';

const KEY = ['PRIVATE', 'KEY'].join(' ');
const UNITS = [
  'eyJ.',
  `eyJ${'a'.repeat(30)}.x.y.`,
  'sk-1',
  'ghp_.',
  'xoxb-123-',
  '4111 ',
  'DE89 ',
  'a@b.',
  '://a:b',
  ':AA',
  `-----BEGIN ${KEY}-----\nabc`,
  'AccountKey=',
];

/** How often rules look at a text, and how much of it their results cover. */
function countLooks(run: () => void): number {
  const spies = DETECTORS.map((detector) => vi.spyOn(detector, 'match'));
  run();
  return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(UNITS)('a text of many %j', (unit) => {
  it('costs twice the work where it is twice as long', () => {
    const redactor = createRedactor(allActions('mask'), SECRET);
    const looks = (length: number): number =>
      countLooks(() => void redactor.redactText(unit.repeat(length), 'request'));
    const once = looks(2000);
    vi.restoreAllMocks();
    expect(looks(4000)).toBeLessThanOrEqual(2 * once + 10);
  });

  it('costs each character a bounded number of looks where it streams one by one', () => {
    const redactor = createRedactor(allActions('mask'), SECRET);
    const text = unit.repeat(Math.ceil(3000 / unit.length));
    const events = text.split('').map((content) => eventOf({ choices: [{ index: 0, delta: { content } }] }));
    const looks = countLooks(() => void runStream(redactor, 'chat', events, new RecordingLog()));
    expect(looks).toBeLessThan(8 * text.length);
  });
});

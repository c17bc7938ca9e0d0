import { describe, expect, it } from 'vitest';
import { DETECTORS } from '../../src/redact/detectors/registry.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { growth, hostileUnits, streamedGrowth, tooMuch } from './hostile-texts.ts';
import { allActions, inPortions, SECRET } from './support.ts';

const LENGTH = 1_000;
const STREAMED_LENGTH = 250;
/** A stream costs more to follow than a text: the first of the units. */
const STREAMED_UNITS = 3;
const masking = createRedactor(allActions('mask'), SECRET);

describe.each(inPortions(DETECTORS))('what %s may match', (_name, rules) => {
  it.each(rules.map((rule) => [rule.id, rule] as const))(
    'is read by all rules together in proportion to its length, whole and one character at a time: %s',
    (_id, rule) => {
      const units = hostileUnits(rule);
      expect(tooMuch(masking, units, LENGTH, growth)).toEqual([]);
      expect(tooMuch(masking, units.slice(0, STREAMED_UNITS), STREAMED_LENGTH, streamedGrowth)).toEqual([]);
    },
  );
});

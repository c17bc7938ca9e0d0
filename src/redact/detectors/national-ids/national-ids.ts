import type { Detector } from '../../detector.ts';
import { AMERICAS } from './americas.ts';
import { ASIA_PACIFIC } from './asia-pacific.ts';
import { EASTERN_EUROPE } from './eastern-europe.ts';
import { FRANCE } from './france.ts';
import { NORTHERN_EUROPE } from './northern-europe.ts';
import { SOUTHERN_EUROPE } from './southern-europe.ts';
import { WESTERN_EUROPE } from './western-europe.ts';

/** Numbers by which states know people. A new region is a new file and one entry here. */
export const NATIONAL_IDS: readonly Detector[] = [
  ...FRANCE,
  ...WESTERN_EUROPE,
  ...SOUTHERN_EUROPE,
  ...NORTHERN_EUROPE,
  ...EASTERN_EUROPE,
  ...AMERICAS,
  ...ASIA_PACIFIC,
];

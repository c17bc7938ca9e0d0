/** The unit suite makes every so manyth run of long simulations and oracles; `npm run test:exhaustive` makes all. */
const PART = 5;

export const isExhaustive = process.env['SLUICE_TEST_EXHAUSTIVE'] === '1';

/** Of so many seeded runs, how many are made. */
export function runsOf(all: number): number {
  return isExhaustive ? all : Math.ceil(all / PART);
}

/** Of so many cases, those that are looked at, from all places of the list. */
export function sampleOf<T>(all: readonly T[]): readonly T[] {
  return isExhaustive ? all : all.filter((_, index) => index % PART === 0);
}

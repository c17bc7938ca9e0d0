import { expect, test } from 'vitest';
import type { TestConfig } from '../../support/test-gateway.ts';
import type { BothWays } from './both-ways.ts';
import { methodsOf, type SdkMethod } from './methods.ts';
import { sweep, type Trial } from './sweep.ts';
import { KEYED, OPEN } from './ways.ts';

export interface Surface {
  readonly packageName: string;
  /** So that a declaration that is not understood any more is noticed. */
  readonly leastMethods: number;
  /** Methods that are not called here. */
  readonly apart: readonly string[];
  /** Methods whose bodies the gateway reads: they are called in many ways. */
  readonly read: RegExp;
  /** Of a request that has all that the SDK lets an app say. */
  readonly oddOptions: object;
  /** Below the base URL, where no vendor has anything. */
  readonly unknownPath: string;
  ways(config: TestConfig): Promise<BothWays<object>>;
}

/** A test must not last long where much else goes on. */
const PORTION = 70;
/** Of the types of messages, parts and tools there are about as many. */
const MANY_VARIANTS = 24;

/** Every method of an SDK, straight to a provider and through a gateway. */
export function testSurface({ packageName, leastMethods, apart, read, oddOptions, unknownPath, ways }: Surface): void {
  const methods = methodsOf(packageName);
  const called = methods.filter(({ name }) => !apart.includes(name));

  test('every method is called, or said to be left out', () => {
    const names = new Set(methods.map(({ name }) => name));
    expect(methods.length).toBeGreaterThan(leastMethods);
    expect(apart.filter((name) => !names.has(name))).toEqual([]);
    expect(called.filter(({ answers }) => answers === 'helper').map(({ name }) => name)).toEqual([]);
  });

  const thoroughly = ({ name }: SdkMethod): readonly Trial[] => [
    { measure: { isFull: false, variant: 0 }, options: {} },
    { measure: { isFull: false, variant: 1 }, options: { path: unknownPath } },
    { measure: { isFull: true, variant: 0 }, options: oddOptions },
    ...fullVariants(read.test(name) ? MANY_VARIANTS : 1),
  ];
  test.each(inPortions(called))('%s send and get the same through a gateway', async (_names, portion) => {
    expect(await sweep(portion, thoroughly, await ways(OPEN))).toEqual([]);
  });

  test.each(inPortions(called))('%s do so with keys of the gateway, beside another vendor', async (_names, portion) => {
    expect(await sweep(portion, () => fullVariants(1), await ways(KEYED))).toEqual([]);
  });
}

function fullVariants(count: number): readonly Trial[] {
  return Array.from({ length: count }, (_, at) => ({ measure: { isFull: true, variant: at + 1 }, options: {} }));
}

function inPortions(methods: readonly SdkMethod[]): [names: string, portion: readonly SdkMethod[]][] {
  return Array.from({ length: Math.ceil(methods.length / PORTION) }, (_, at) => {
    const portion = methods.slice(at * PORTION, (at + 1) * PORTION);
    return [`${portion[0]!.name} to ${portion.at(-1)!.name}`, portion];
  });
}

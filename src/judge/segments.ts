import type { Outcome } from '../core/outcome.ts';
import type { Cell } from './cell.ts';
import type { Guard } from './guard.ts';

/**
 * The share of a dimension's error budget that a value gets by the order in which the values appear: most to the first,
 * which have most of the traffic. The order says nothing about arms, so it may be used to weigh the tests.
 */
const EARLY_VALUES = 8;
const EARLY_WEIGHT = 1 / 12;
const LATE_WEIGHT = 1 / 72;
/** Adds up to 1 with the weights above; values that appear later are not judged apart. */
const MAX_VALUES = 32;
/** Callers choose metadata; what is kept of it is bounded. */
const MAX_NAME_CHARS = 64;

export interface SegmentCell {
  /** `metadata.language=fr`. */
  readonly segment: string;
  readonly guard: number;
  readonly cell: Cell;
  /** Of this test among all tests on segments; all weights add up to 1 at most. */
  readonly weight: number;
}

export type SegmentsState = readonly {
  readonly dimension: string;
  readonly values: readonly { readonly name: string; readonly cells: readonly unknown[] }[];
}[];

interface Dimension {
  readonly source: string;
  readonly valueOf: (outcome: Outcome) => string | undefined;
  readonly values: Map<string, readonly SegmentCell[]>;
}

/** The tests that are made apart for each value of each declared dimension. */
export class Segments {
  /** Every test, for the procedure over all of them. */
  readonly all: SegmentCell[] = [];
  private readonly dimensions: readonly Dimension[];
  private readonly guards: readonly Guard[];

  constructor(sources: readonly string[], guards: readonly Guard[], saved: SegmentsState = []) {
    this.guards = guards;
    this.dimensions = sources.map((source) => ({ source, valueOf: readerOf(source), values: new Map() }));
    for (const [index, { values }] of saved.entries())
      for (const { name, cells } of values) this.begin(this.dimensions[index]!, name, cells);
  }

  get dimensionCount(): number {
    return this.dimensions.length;
  }

  /** The tests, one per guard, of the value that the outcome has in a dimension; null where it is not judged apart. */
  cellsOf(dimension: number, outcome: Outcome): readonly SegmentCell[] | null {
    const one = this.dimensions[dimension]!;
    const value = one.valueOf(outcome);
    if (value === undefined) return null;
    const name = value.length > MAX_NAME_CHARS ? value.slice(0, MAX_NAME_CHARS) : value;
    return one.values.get(name) ?? (one.values.size < MAX_VALUES ? this.begin(one, name) : null);
  }

  absorb(other: Segments): void {
    for (const [index, { values }] of other.dimensions.entries()) {
      const one = this.dimensions[index]!;
      for (const [name, theirs] of values) {
        const ours = one.values.get(name) ?? (one.values.size < MAX_VALUES ? this.begin(one, name) : []);
        for (const { guard, cell } of ours) cell.absorb(theirs[guard]!.cell);
      }
    }
  }

  toJSON(): SegmentsState {
    return this.dimensions.map(({ source, values }) => ({
      dimension: source,
      values: [...values].map(([name, cells]) => ({ name, cells: cells.map(({ cell }) => cell.toJSON()) })),
    }));
  }

  private begin(dimension: Dimension, name: string, saved: readonly unknown[] = []): readonly SegmentCell[] {
    const share = dimension.values.size < EARLY_VALUES ? EARLY_WEIGHT : LATE_WEIGHT;
    const weight = share / (this.dimensions.length * this.guards.length);
    const cells = this.guards.map((guard, index) => ({
      segment: `${dimension.source}=${name}`,
      guard: index,
      cell: guard.newCell(saved[index]),
      weight,
    }));
    dimension.values.set(name, cells);
    this.all.push(...cells);
    return cells;
  }
}

function readerOf(source: string): (outcome: Outcome) => string | undefined {
  if (source === 'key') return ({ key }) => key;
  if (source === 'language') return ({ language }) => language;
  const name = source.slice('metadata.'.length);
  return ({ metadata }) => metadata.get(name);
}

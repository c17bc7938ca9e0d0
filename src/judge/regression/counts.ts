/** Counts by bin; not whole numbers where blocks were weighed down. Written out as text, bin:count,bin:count ... */
export class Counts {
  readonly bins: number[];
  /** Writing out is most of the work of saving, and most counts do not change between two times. */
  private text: string | null = null;

  constructor(bins: number, saved = '') {
    this.bins = Array.from({ length: bins }, () => 0);
    for (const pair of saved === '' ? [] : saved.split(',')) {
      const colon = pair.indexOf(':');
      this.bins[Number(pair.slice(0, colon))] = Number(pair.slice(colon + 1));
    }
  }

  get total(): number {
    return sumOf(this.bins, 0, this.bins.length);
  }

  add(bin: number): void {
    this.bins[bin]!++;
    this.text = null;
  }

  /** All counts times `keep`, and others times `scale`; to a thousandth, so that what is saved stays short. */
  blend(keep: number, others: Counts, scale: number): void {
    for (let bin = 0; bin < this.bins.length; bin++) {
      const sum = this.bins[bin]! * keep + others.bins[bin]! * scale;
      this.bins[bin] = sum === 0 ? 0 : Math.round(sum * 1000) / 1000;
    }
    this.text = null;
  }

  clear(): void {
    this.bins.fill(0);
    this.text = null;
  }

  toJSON(): string {
    return (this.text ??= this.written());
  }

  private written(): string {
    let text = '';
    for (let bin = 0; bin < this.bins.length; bin++) {
      const count = this.bins[bin]!;
      if (count !== 0) text += `${text === '' ? '' : ','}${bin}:${count}`;
    }
    return text;
  }
}

/** Of the bins from the first up to, but without, the last. */
export function sumOf(bins: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let bin = from; bin < to; bin++) sum += bins[bin]!;
  return sum;
}

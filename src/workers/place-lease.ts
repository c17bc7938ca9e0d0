/** This worker's part of the places in flight of all workers. */
export class PlaceLease {
  held = 0;
  private readonly ask: () => Promise<number>;
  private asking: Promise<boolean> | null = null;

  /** @param ask the pool; 0: all are taken */
  constructor(ask: () => Promise<number>) {
    this.ask = ask;
  }

  /** One question for all who wait. False: there are none, or nobody answers. */
  more(): Promise<boolean> {
    this.asking ??= this.ask()
      .then(
        (given) => {
          this.held += given;
          return given > 0;
        },
        () => false,
      )
      .finally(() => (this.asking = null));
    return this.asking;
  }

  /** What nobody sits on, nor waits for. @returns how many */
  giveBack(claimed: number): number {
    const spare = Math.max(0, this.held - claimed);
    this.held -= spare;
    return spare;
  }
}

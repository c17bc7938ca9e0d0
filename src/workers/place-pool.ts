interface PlaceHolder {
  /** Places that it holds and nobody sits on. Rejects where it does not answer. @returns how many it gave back */
  giveBack(): Promise<number>;
}

/** What each of several asks for at once, of all there is. */
const PARTS = 8;

/**
 * The places in flight of all workers together. They hold them in blocks and seat requests by themselves; who has none left
 * asks here. Never more are held than there are, and none is refused while another worker has one to spare.
 */
export class PlacePool<H extends PlaceHolder> {
  private readonly total: () => number;
  private readonly held = new Map<H, number>();
  private queue: Promise<unknown> = Promise.resolve();

  /** @param total asked at each time: a reload may change it */
  constructor(total: () => number) {
    this.total = total;
  }

  /** @returns how many more it may seat; 0: all are taken */
  take(holder: H): Promise<number> {
    const next = this.queue.then(() => this.takeNow(holder));
    this.queue = next.catch(() => {});
    return next;
  }

  join(holder: H): void {
    this.held.set(holder, 0);
  }

  /** It is gone, and with it whoever sat there. */
  leave(holder: H): void {
    this.held.delete(holder);
  }

  /** Where there are fewer than before. */
  async shrink(): Promise<void> {
    if (this.free() < 0) await this.recall(null);
  }

  private async takeNow(holder: H): Promise<number> {
    if (this.free() <= 0) await this.recall(holder);
    const before = this.held.get(holder);
    if (before === undefined) return 0;
    const block = Math.max(1, Math.floor(this.total() / (PARTS * this.held.size)));
    const given = Math.max(0, Math.min(block, this.free()));
    this.held.set(holder, before + given);
    return given;
  }

  private free(): number {
    let free = this.total();
    for (const held of this.held.values()) free -= held;
    return free;
  }

  /** Of all others. One that does not answer keeps what it has. */
  private async recall(asking: H | null): Promise<void> {
    const others = [...this.held.keys()].filter((each) => each !== asking);
    await Promise.allSettled(
      others.map(async (holder) => {
        const given = await holder.giveBack();
        const held = this.held.get(holder);
        if (held !== undefined) this.held.set(holder, held - given);
      }),
    );
  }
}

import type { RolloutEvent, RolloutStore } from '../core/stores.ts';

const AT_ONCE = 200;

/** Every event of the store, in order and once, whichever gateway wrote it. */
export class EventFeed {
  private readonly store: Pick<RolloutStore, 'eventsAfter'>;
  private readonly publish: (event: RolloutEvent) => void;
  private last: number;
  private reading: Promise<void> | null = null;
  private isAskedAgain = false;

  /** @param last the newest event that is not to be published any more */
  constructor(store: Pick<RolloutStore, 'eventsAfter'>, last: number, publish: (event: RolloutEvent) => void) {
    this.store = store;
    this.last = last;
    this.publish = publish;
  }

  /** Publishes what is new. One that comes while another is reading makes it look once more. */
  poll(): Promise<void> {
    this.isAskedAgain = this.reading !== null;
    this.reading ??= this.read().finally(() => (this.reading = null));
    return this.reading;
  }

  private async read(): Promise<void> {
    do {
      this.isAskedAgain = false;
      const events = await this.store.eventsAfter(this.last, AT_ONCE);
      for (const event of events) {
        this.last = event.id;
        this.publish(event);
      }
      this.isAskedAgain ||= events.length === AT_ONCE;
    } while (this.isAskedAgain);
  }
}

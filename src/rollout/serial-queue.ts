import { RolloutError } from './errors.ts';

/** Changes are rare and made by people and a timer: more waiting than this means that the store hangs. */
const MAX_WAITING = 100;

/** Runs tasks one after the other, in the order in which they came. */
export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** @throws RolloutError `store_unavailable` where too many are waiting */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.waiting >= MAX_WAITING) {
      throw new RolloutError('store_unavailable', `${MAX_WAITING} changes are waiting for the store; try again later.`);
    }
    this.waiting++;
    const turn = this.tail.then(task);
    this.tail = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.waiting--;
    }
  }
}

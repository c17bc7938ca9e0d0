import type { ReplyContext } from '../format.ts';

/** Ids for calls that the provider gave none, the same ones in a stream and in a whole reply. */
export class CallIds {
  private readonly context: ReplyContext;
  private count = 0;

  constructor(context: ReplyContext) {
    this.context = context;
  }

  next(given: string): string {
    const index = this.count++;
    return given === '' ? `call_${this.context.id}_${index}` : given;
  }
}

/** What several requests want, one fetches: the others wait for it, and where it comes to nothing the next one goes. */
export class Flights<Found> {
  private readonly open = new Map<string, Promise<Found | null>>();

  /** Null: nobody is on the way. Resolves to null where whoever was came back with nothing. */
  joined(key: string): Promise<Found | null> | null {
    return this.open.get(key) ?? null;
  }

  /** @returns what must be called once, with what was found; further calls do nothing */
  begin(key: string): (found: Found | null) => void {
    const { promise, resolve } = Promise.withResolvers<Found | null>();
    this.open.set(key, promise);
    return (found) => {
      if (this.open.get(key) === promise) this.open.delete(key);
      resolve(found);
    };
  }
}

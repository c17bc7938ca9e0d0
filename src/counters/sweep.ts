/** Walks around a map that others change, a few entries at a time, and removes what is idle: no timer, no long pause. */
export class Sweep<K, V> {
  private readonly map: Map<K, V>;
  private readonly isIdle: (value: V, now: number) => boolean;
  private cursor: MapIterator<[K, V]>;

  constructor(map: Map<K, V>, isIdle: (value: V, now: number) => boolean) {
    this.map = map;
    this.isIdle = isIdle;
    this.cursor = map.entries();
  }

  step(entries: number, now: number): void {
    for (let left = entries; left > 0; left--) {
      const { done, value } = this.cursor.next();
      if (done) {
        this.cursor = this.map.entries();
        return;
      }
      if (this.isIdle(value[1], now)) this.map.delete(value[0]);
    }
  }
}

/** One line about a request; fields as in `src/record/record.ts`. */
export interface LogEntry {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A log destination that keeps every line and can be waited on. */
export class CapturedLog {
  readonly lines: string[] = [];
  private waiting: { readonly matches: (entry: LogEntry) => boolean; readonly resolve: (entry: LogEntry) => void }[] =
    [];

  /** @param lines one, or what a worker wrote together */
  write(lines: string): void {
    for (const line of lines.split(/(?<=\n)/)) this.add(line);
  }

  private add(line: string): void {
    this.lines.push(line);
    const entry = JSON.parse(line) as LogEntry;
    const met = this.waiting.filter(({ matches }) => matches(entry));
    this.waiting = this.waiting.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve(entry);
  }

  get text(): string {
    return this.lines.join('');
  }

  /** The lines about requests, in order. */
  get requests(): LogEntry[] {
    return this.entries.filter(({ msg }) => msg === 'request');
  }

  get entries(): LogEntry[] {
    return this.lines.map((line) => JSON.parse(line) as LogEntry);
  }

  /** The first request line that fits, already written or still to come. */
  request(fields: Readonly<Record<string, unknown>> = {}): Promise<LogEntry> {
    const matches = (entry: LogEntry): boolean =>
      entry.msg === 'request' && Object.entries(fields).every(([name, value]) => entry[name] === value);
    const found = this.requests.find(matches);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => this.waiting.push({ matches, resolve }));
  }
}

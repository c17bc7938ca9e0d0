import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Milliseconds } from '../core/units.ts';
import type { Answer, Job, Judges } from '../redact/aside/job.ts';

/** One core is left to everybody else; of two, a large document must not wait for another one alone. */
const MOST_THREADS = Math.min(4, Math.max(2, availableParallelism() - 1));
/** A thread has the rules in memory, some 60 MB: nobody may need it for days. */
const IDLE_LIMIT: Milliseconds = 60_000;
/** A checkout runs the sources. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);

interface Task {
  readonly tenant: string;
  readonly makeJob: () => Job;
  readonly signal: AbortSignal;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Threads that judge large documents, made when they are needed. What waits for one waits in order, but behind what those
 * wait for who have less under way: one caller's pile of documents does not hold up all others.
 */
export class JudgingThreads implements Judges {
  private readonly idle: Judge[] = [];
  private readonly waiting: Task[] = [];
  /** Tasks under way, by tenant. */
  private readonly running = new Map<string, number>();
  private count = 0;

  ask(tenant: string, makeJob: () => Job, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      this.waiting.push({ tenant, makeJob, signal, resolve, reject });
      signal.addEventListener('abort', () => this.dropAborted(), { once: true });
      // The caller's own work with the document is done in a turn before.
      setImmediate(() => this.dispatch());
    });
  }

  private dropAborted(): void {
    for (let at = this.waiting.length - 1; at >= 0; at--) {
      if (!this.waiting[at]!.signal.aborted) continue;
      const [task] = this.waiting.splice(at, 1);
      task!.reject(task!.signal.reason);
    }
  }

  private dispatch(): void {
    if (this.waiting.length === 0) return;
    const judge = this.idle.pop() ?? this.newJudge();
    if (judge === null) return;
    void this.run(judge, this.takeNext());
  }

  private takeNext(): Task {
    let next = 0;
    for (let at = 1; at < this.waiting.length; at++) if (this.loadOf(at) < this.loadOf(next)) next = at;
    return this.waiting.splice(next, 1)[0]!;
  }

  private loadOf(at: number): number {
    return this.running.get(this.waiting[at]!.tenant) ?? 0;
  }

  private addLoad(tenant: string, change: number): void {
    const load = (this.running.get(tenant) ?? 0) + change;
    if (load === 0) this.running.delete(tenant);
    else this.running.set(tenant, load);
  }

  private async run(judge: Judge, task: Task): Promise<void> {
    this.addLoad(task.tenant, 1);
    if (await judge.run(task)) this.idle.push(judge);
    else this.count--;
    this.addLoad(task.tenant, -1);
    this.dispatch();
  }

  private newJudge(): Judge | null {
    if (this.count === MOST_THREADS) return null;
    this.count++;
    return new Judge((judge) => {
      const at = this.idle.indexOf(judge);
      if (at < 0) return;
      this.idle.splice(at, 1);
      this.count--;
    });
  }
}

class Judge {
  private readonly worker: Worker;
  private timer: NodeJS.Timeout | null = null;
  private readonly onIdle: (judge: Judge) => void;

  /** @param onIdle it ends while it has nothing to do */
  constructor(onIdle: (judge: Judge) => void) {
    this.onIdle = onIdle;
    this.worker = new Worker(THREAD);
    // Whoever waits for an answer is told; nobody may be waiting.
    this.worker.on('error', () => {});
    this.worker.on('exit', () => onIdle(this));
  }

  /** Settles the task. False: the thread has ended. */
  async run({ makeJob, signal, resolve, reject }: Task): Promise<boolean> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.worker.ref();
    try {
      resolve(await this.answer(makeJob(), signal));
    } catch (error) {
      reject(error);
      void this.worker.terminate();
      return false;
    }
    this.rest();
    return true;
  }

  private answer(job: Job, signal: AbortSignal): Promise<Answer> {
    const { worker } = this;
    return new Promise<Answer>((resolve, reject) => {
      const settled = new AbortController();
      const fail = (error: unknown): void => {
        settle();
        reject(error);
      };
      const onExit = (): void => fail(new Error('The thread that judged a document has ended.'));
      const onMessage = (answer: Answer): void => {
        settle();
        resolve(answer);
      };
      const settle = (): void => {
        worker.off('message', onMessage).off('error', fail).off('exit', onExit);
        settled.abort();
      };
      worker.on('message', onMessage).on('error', fail).on('exit', onExit);
      signal.addEventListener('abort', () => fail(signal.reason), { once: true, signal: settled.signal });
      worker.postMessage(job, [job.text.bytes.buffer]);
    });
  }

  /** Waits for the next job without keeping the process alive. */
  private rest(): void {
    this.worker.unref();
    this.timer = setTimeout(() => {
      this.onIdle(this);
      void this.worker.terminate();
    }, IDLE_LIMIT).unref();
  }
}

import { Worker } from 'node:worker_threads';
import type { AuditCall, AuditCalls, AuditMessage, AuditThreadSettings } from './audit-calls.ts';

interface AuditThreadDeps {
  /** The module that the thread runs. */
  readonly module: URL;
  readonly settings: AuditThreadSettings;
  /** All but answers. */
  heard(message: Exclude<AuditMessage, { type: 'answer' | 'error' }>): void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The thread that writes and reads the trail: begun at the first call, begun anew where it has died. */
export class AuditThread {
  private readonly deps: AuditThreadDeps;
  private worker: Worker | null = null;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  constructor(deps: AuditThreadDeps) {
    this.deps = deps;
  }

  /** Where something waits from before. */
  begin(): void {
    this.worker ??= this.start();
  }

  /** @throws Error where it fails there, or the thread dies */
  call<Method extends keyof AuditCalls>(
    method: Method,
    ...args: Parameters<AuditCalls[Method]>
  ): ReturnType<AuditCalls[Method]> {
    const id = ++this.lastId;
    const answer = new Promise((resolve, reject) => {
      const worker = (this.worker ??= this.start());
      this.pending.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, method, args } satisfies AuditCall, []);
    });
    return answer as ReturnType<AuditCalls[Method]>;
  }

  /** Signs the end of the chain. */
  async close(): Promise<void> {
    const { worker } = this;
    if (worker === null) return;
    await this.call('close').catch(() => {});
    await worker.terminate();
  }

  private start(): Worker {
    const worker = new Worker(this.deps.module, { workerData: this.deps.settings });
    worker.on('message', (message: AuditMessage) => this.receive(worker, message));
    worker.on('error', (error) => this.end(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.end(worker, new Error('the thread of the audit trail has ended')));
    worker.unref();
    return worker;
  }

  private receive(worker: Worker, message: AuditMessage): void {
    if (message.type !== 'answer' && message.type !== 'error') return this.deps.heard(message);
    const pending = this.pending.get(message.id);
    this.pending.delete(message.id);
    // Alone it keeps no process alive.
    if (this.pending.size === 0) worker.unref();
    if (message.type === 'answer') pending?.resolve(message.value);
    else pending?.reject(new Error(message.message));
  }

  private end(worker: Worker, error: Error): void {
    if (this.worker !== worker) return;
    this.worker = null;
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}

import { GatewayError } from '../core/errors.ts';
import type { Principal } from '../core/principal.ts';
import type { Milliseconds } from '../core/units.ts';

/** Places that are shared with other processes, as far as this one holds them. */
interface SharedPlaces {
  readonly held: number;
  /** False: there are no more, anywhere. */
  more(): Promise<boolean>;
}

/** Bounds the requests in flight, so that overload is answered at once instead of queued until memory ends. */
export class InflightLimit {
  /** Null: all places are this process's own. */
  private readonly shared: SharedPlaces | null;
  private count = 0;
  private waiting = 0;
  private isDraining = false;
  private idleListener: (() => void) | null = null;

  constructor(shared: SharedPlaces | null = null) {
    this.shared = shared;
  }

  get current(): number {
    return this.count;
  }

  /** Places that are taken, or that somebody waits for: what is given to those must not be taken away before they sit. */
  get claimed(): number {
    return this.count + this.waiting;
  }

  /** From now on every new request is refused: the process is about to stop. */
  drain(): void {
    this.isDraining = true;
  }

  /**
   * Pair with `leave` when the last byte of the reply has gone, streams included.
   * @returns null: it has entered; later where other processes have to be asked for a place
   * @throws GatewayError `overloaded`, at once or later
   */
  enter(max: number): Promise<void> | null {
    if (this.isDraining)
      throw new GatewayError('overloaded', 'The gateway is stopping; try again.', {
        retryAfterSeconds: 1,
        closeConnection: true,
      });
    if (this.count >= max) throw tooMany(max);
    if (this.shared !== null && this.count >= this.shared.held) return this.enterLater(this.shared, max);
    this.count++;
    return null;
  }

  leave(): void {
    this.count--;
    if (this.count === 0) this.idleListener?.();
  }

  /** Others who waited may have been faster: then once more. */
  private async enterLater(shared: SharedPlaces, max: number): Promise<void> {
    this.waiting++;
    try {
      while (this.count >= shared.held) if (!(await shared.more())) throw tooMany(max);
      this.count++;
    } finally {
      this.waiting--;
    }
  }

  /** Resolves when nothing is in flight any more, or after `timeout` milliseconds. */
  idle(timeout: Milliseconds): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout);
      this.idleListener = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function tooMany(max: number): GatewayError {
  return new GatewayError('overloaded', `The gateway already serves ${max} requests; try again.`, {
    retryAfterSeconds: 1,
    closeConnection: true,
  });
}

/** @throws GatewayError `model_not_allowed` */
export function authorizeModel(principal: Principal, model: string | null): void {
  // A call without a model goes where the provider chooses one, so only a key for all models may make it.
  if (principal.mayUse(model ?? '*')) return;
  throw new GatewayError(
    'model_not_allowed',
    `The key "${principal.name}" may not use this model; ask for it to be added to the key's models.`,
    {
      param: 'model',
    },
  );
}

/**
 * Endpoints that are passed through name their model where it is not read (multipart, files), so a key that is bound to
 * certain models cannot use them. @throws GatewayError `model_not_allowed`
 */
export function authorizeEverything(principal: Principal): void {
  if (principal.mayUse('*')) return;
  throw new GatewayError(
    'model_not_allowed',
    `This endpoint is open to keys for all models ("*"); the key "${principal.name}" is bound to some.`,
  );
}

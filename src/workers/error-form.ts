import { CountersUnavailableError } from '../core/counters.ts';
import { KeyNameTakenError, LeaseLostError, VersionConflictError } from '../core/stores.ts';

/** An error on its way to another process. */
export interface ErrorForm {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly retryAfter?: number;
}

/** Those that somebody tells apart by their class. */
const CLASSES = [VersionConflictError, KeyNameTakenError, LeaseLostError, CountersUnavailableError];

export function toForm(error: unknown): ErrorForm {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const name = CLASSES.find((each) => error instanceof each)?.name ?? error.name;
  const { message, code, retryAfter } = error as Error & { readonly code?: unknown; readonly retryAfter?: unknown };
  return {
    name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof retryAfter === 'number' ? { retryAfter } : {}),
  };
}

/** Of the class that it had there; its stack is of here. */
export function fromForm({ name, message, code, retryAfter }: ErrorForm): Error {
  const error = new Error(message);
  const known = CLASSES.find((each) => each.name === name);
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype as object);
  Object.defineProperty(error, 'name', { value: name, configurable: true });
  return Object.assign(error, code === undefined ? {} : { code }, retryAfter === undefined ? {} : { retryAfter });
}

export type RolloutErrorCode =
  /** The rollout's kind or phase does not allow the command. */
  | 'invalid_transition'
  | 'invalid_weight'
  | 'rollout_not_found'
  | 'revision_not_found'
  /** The configuration file declares it, so only the file can remove it. */
  | 'declared_in_config'
  /** The caller named a version that is not the current one. */
  | 'version_mismatch'
  /** The change could not be made durable, so it was not made. */
  | 'store_unavailable';

/** A command that was refused. The message tells what to do instead. */
export class RolloutError extends Error {
  readonly code: RolloutErrorCode;

  constructor(code: RolloutErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RolloutError';
    this.code = code;
  }
}

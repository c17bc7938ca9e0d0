export type KeyErrorCode =
  | 'key_not_found'
  | 'key_name_taken'
  | 'key_in_config'
  | 'key_revoked'
  | 'key_expired'
  | 'invalid_key'
  | 'version_mismatch'
  | 'store_unavailable';

/** A change of a key that was refused; nothing was written. */
export class KeyError extends Error {
  readonly code: KeyErrorCode;

  constructor(code: KeyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyError';
    this.code = code;
  }
}

import { AuditUnavailableError } from '../core/audit.ts';
import { GatewayError } from '../core/errors.ts';
import { KeyNameTakenError, VersionConflictError } from '../core/stores.ts';
import type { Problem } from '../config/problem.ts';
import { KeyError, type KeyErrorCode } from '../keys/errors.ts';
import { RolloutError, type RolloutErrorCode } from '../rollout/errors.ts';

export interface AdminErrorReply {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 500 | 503;
  readonly code: string;
  readonly message: string;
  /** The methods that the endpoint takes. @source RFC 9110, 15.5.6 */
  readonly allow?: string | undefined;
}

/** An answer that the control plane gives itself. */
export class AdminError extends Error implements AdminErrorReply {
  readonly status: AdminErrorReply['status'];
  readonly code: string;
  readonly allow: string | undefined;

  constructor(status: AdminErrorReply['status'], code: string, message: string, allow?: string) {
    super(message);
    this.name = 'AdminError';
    this.status = status;
    this.code = code;
    this.allow = allow;
  }
}

const ROLLOUT_STATUS: Readonly<Record<RolloutErrorCode, AdminErrorReply['status']>> = {
  invalid_transition: 409,
  invalid_weight: 400,
  rollout_not_found: 404,
  revision_not_found: 404,
  declared_in_config: 409,
  version_mismatch: 412,
  store_unavailable: 503,
};

const KEY_STATUS: Readonly<Record<KeyErrorCode, AdminErrorReply['status']>> = {
  key_not_found: 404,
  key_name_taken: 409,
  key_in_config: 409,
  key_revoked: 409,
  key_expired: 409,
  invalid_key: 400,
  version_mismatch: 412,
  store_unavailable: 503,
};

/** The reply to an error, or null where it is a fault of ours, of which the caller learns nothing. */
export function expectedError(error: unknown): AdminErrorReply | null {
  if (error instanceof AdminError) return error;
  if (error instanceof AuditUnavailableError) return { status: 503, code: 'audit_unavailable', message: error.message };
  if (error instanceof RolloutError)
    return { status: ROLLOUT_STATUS[error.code], code: error.code, message: error.message };
  if (error instanceof KeyError) return { status: KEY_STATUS[error.code], code: error.code, message: error.message };
  if (error instanceof KeyNameTakenError) return { status: 409, code: 'key_name_taken', message: error.message };
  if (error instanceof VersionConflictError) return { status: 409, code: 'version_conflict', message: error.message };
  if (error instanceof GatewayError && error.status < 500)
    return { status: 400, code: error.code, message: error.message };
  return null;
}

/** Every problem with its fix, and its place where it stands in a file. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(describeProblem).join('. ');
}

export function describeProblem(problem: Problem): string {
  return `${place(problem)}${problem.message}; ${problem.fix}`;
}

function place({ file, line, column }: Problem): string {
  return file === null || line === null ? '' : `${file}:${line}:${column ?? 1}: `;
}

import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve as absolutePath } from 'node:path';
import type { GoogleKey, GoogleMetadataKey, GoogleUserKey } from '../core/provider-key.ts';
import { checkBaseUrl } from './base-url.ts';
import { homeOf, type Environment } from './environment.ts';
import { checkMetadataUrl } from './metadata-url.ts';
import type { Issues, Path } from './problem.ts';
import type { ProviderFile } from './schema.ts';

type VertexFile = Extract<ProviderFile, { type: 'google-vertex' }>;

/** Who the gateway is at Google, as far as it is needed. */
interface GoogleAccount {
  readonly key: GoogleKey | GoogleUserKey | GoogleMetadataKey;
  /** Null: it does not say. */
  readonly project: string | null;
}

const NO_ACCOUNT: GoogleAccount = {
  key: { kind: 'google', email: '', privateKey: '', keyId: null, tokenUrl: '' },
  project: null,
};

type Account = Readonly<Record<string, unknown>>;

/** Never quotes what it reads. @source https://cloud.google.com/docs/authentication/application-default-credentials */
export function toGoogleAccount(file: VertexFile, environment: Environment, at: Path, issues: Issues): GoogleAccount {
  const path = [...at, 'serviceAccount'];
  const ofEnvironment = environment['GOOGLE_CLOUD_PROJECT'] || null;
  if (file.serviceAccount === 'metadata')
    return { key: metadataKey(environment, path, issues), project: ofEnvironment };
  const given = file.serviceAccount ?? defaultFile(environment);
  if (given === null) {
    issues.add(
      at,
      'has no credentials (looked at serviceAccount, GOOGLE_APPLICATION_CREDENTIALS and the file of gcloud)',
      'write serviceAccount: PATH, or serviceAccount: metadata on GKE and Compute Engine',
    );
    return NO_ACCOUNT;
  }
  const account = accountOf(given, path, issues);
  if (account === null) return NO_ACCOUNT;
  const { project, ...rest } = readAccount(account, path, issues);
  return { ...rest, project: project ?? ofEnvironment };
}

function metadataKey(environment: Environment, at: Path, issues: Issues): GoogleMetadataKey {
  const host = environment['GCE_METADATA_HOST'] || 'metadata.google.internal';
  return { kind: 'google-metadata', endpoint: checkMetadataUrl(`http://${host}`, at, issues) };
}

/** Null: there is none. */
function defaultFile(environment: Environment): string | null {
  const named = environment['GOOGLE_APPLICATION_CREDENTIALS'];
  if (named) return named;
  const usual = join(homeOf(environment), '.config/gcloud/application_default_credentials.json');
  return existsSync(usual) ? usual : null;
}

function readAccount(account: Account, at: Path, issues: Issues): GoogleAccount {
  const text = (field: string): string | null => {
    const value = account[field];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const tokenUrl = checkBaseUrl(text('token_uri') ?? 'https://oauth2.googleapis.com/token', [], at, issues);
  const type = text('type') ?? 'service_account';
  if (type === 'authorized_user') return userAccount(text, tokenUrl, at, issues);
  if (type !== 'service_account') {
    issues.add(
      at,
      'is of a type that is not read',
      'give a service account or application default credentials of a user',
    );
    return NO_ACCOUNT;
  }
  const [email, privateKey] = [text('client_email'), text('private_key')];
  if (email === null || privateKey === null || !isRsaKey(privateKey)) {
    issues.add(at, 'has no client_email with an RSA private_key', 'give the JSON key file of a service account');
    return NO_ACCOUNT;
  }
  const key = { email, privateKey, keyId: text('private_key_id'), tokenUrl };
  return { key: { kind: 'google', ...key }, project: text('project_id') };
}

function userAccount(
  text: (field: string) => string | null,
  tokenUrl: string,
  at: Path,
  issues: Issues,
): GoogleAccount {
  const [clientId, clientSecret] = [text('client_id'), text('client_secret')];
  const refreshToken = text('refresh_token');
  if (clientId === null || clientSecret === null || refreshToken === null) {
    issues.add(at, 'has no client_id, client_secret and refresh_token', 'run gcloud auth application-default login');
    return NO_ACCOUNT;
  }
  const key = { kind: 'google-user', clientId, clientSecret, refreshToken, tokenUrl } as const;
  return { key, project: text('quota_project_id') };
}

function accountOf(given: string | Account, path: Path, issues: Issues): Account | null {
  if (typeof given !== 'string') return given;
  let text = given;
  if (!given.trimStart().startsWith('{')) {
    try {
      text = readFileSync(absolutePath(given), 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      issues.add(path, `names a file that cannot be read (${code})`, 'give the path of the JSON key file');
      return null;
    }
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Account;
  } catch {
    // Told below, without the text.
  }
  issues.add(path, 'is no JSON', 'give the JSON key file of a service account');
  return null;
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve as absolutePath } from 'node:path';
import type { AwsKey, GoogleKey, KeyCooldown, ProviderKey } from '../core/config.ts';
import { checkBaseUrl } from './base-url.ts';
import type { Environment } from './environment.ts';
import type { Issues, Path } from './problem.ts';
import type { ProviderFile } from './schema.ts';

type FileOf<Type extends ProviderFile['type']> = Extract<ProviderFile, { type: Type }>;

interface KeyFields {
  readonly apiKey?: string | null | undefined;
  readonly apiKeys?: readonly string[] | undefined;
  readonly keyCooldown: KeyCooldown;
}

/** @param at the path of the provider */
export function toStaticKey({ apiKey, apiKeys, keyCooldown }: KeyFields, at: Path, issues: Issues): ProviderKey {
  if (apiKeys !== undefined) return toPool(apiKeys, apiKey, keyCooldown, at, issues);
  if (!apiKey) return { kind: 'none' };
  return apiKey === 'client' ? { kind: 'client' } : { kind: 'configured', value: apiKey };
}

function toPool(
  apiKeys: readonly string[],
  apiKey: string | null | undefined,
  cooldown: KeyCooldown,
  at: Path,
  issues: Issues,
): ProviderKey {
  if (apiKey) issues.add([...at, 'apiKeys'], 'stands beside "apiKey"', 'write one of the two');
  for (const [index, key] of apiKeys.entries()) {
    const path = [...at, 'apiKeys', index];
    if (key === 'client') issues.add(path, 'is no key', 'write apiKey: client instead of apiKeys');
    if (key !== '' && apiKeys.indexOf(key) < index)
      issues.add(path, `is the same as "apiKeys[${apiKeys.indexOf(key)}]"`, 'name each key once');
  }
  const values = apiKeys.filter((key) => key !== '');
  if (values.length === 0) return { kind: 'none' };
  return values.length === 1 ? { kind: 'configured', value: values[0]! } : { kind: 'pool', values, cooldown };
}

export function toAzureKey(file: FileOf<'azure-openai'>, at: Path, issues: Issues): ProviderKey {
  const key = toStaticKey(file, at, issues);
  if (file.entra === undefined) return key;
  if (key.kind !== 'none') issues.add([...at, 'entra'], 'stands beside a key', 'write one of the two');
  const { authority, ...entra } = file.entra;
  return { kind: 'entra', ...entra, authority: checkBaseUrl(authority, [], [...at, 'entra', 'authority'], issues) };
}

/** The file of a service account, as far as it is needed. */
interface ServiceAccount {
  readonly key: GoogleKey;
  /** Null: it does not say. */
  readonly project: string | null;
}

const NO_ACCOUNT: ServiceAccount = {
  key: { kind: 'google', email: '', privateKey: '', keyId: null, tokenUrl: '' },
  project: null,
};

/** Never quotes what it reads. */
export function toServiceAccount(file: FileOf<'google-vertex'>, at: Path, issues: Issues): ServiceAccount {
  const path = [...at, 'serviceAccount'];
  const account = accountOf(file.serviceAccount, path, issues);
  if (account === null) return NO_ACCOUNT;
  const text = (field: string): string | null => {
    const value = account[field];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const [email, privateKey] = [text('client_email'), text('private_key')];
  if (email === null || privateKey === null || !isRsaKey(privateKey)) {
    issues.add(path, 'has no client_email with an RSA private_key', 'give the JSON key file of a service account');
    return NO_ACCOUNT;
  }
  const tokenUrl = text('token_uri') ?? 'https://oauth2.googleapis.com/token';
  const key = { email, privateKey, keyId: text('private_key_id'), tokenUrl: checkBaseUrl(tokenUrl, [], path, issues) };
  return { key: { kind: 'google', ...key }, project: text('project_id') };
}

type Account = Readonly<Record<string, unknown>>;

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

/** What the file says goes before the environment, and an API key before access keys. */
export function toBedrockKey(
  file: FileOf<'aws-bedrock'>,
  environment: Environment,
  region: string,
  at: Path,
  issues: Issues,
): ProviderKey {
  const key = toStaticKey(file, at, issues);
  if (key.kind === 'client')
    issues.add([...at, 'apiKey'], 'cannot be the key of the caller', 'write a key of Bedrock, or access keys');
  if (file.accessKeyId) {
    if (key.kind !== 'none') issues.add([...at, 'accessKeyId'], 'stands beside a key', 'write one of the two');
    return toAwsKey(file.accessKeyId, file.secretAccessKey, file.sessionToken, region, at, issues);
  }
  if (key.kind !== 'none') return key;
  const bearer = environment['AWS_BEARER_TOKEN_BEDROCK'];
  if (bearer) return { kind: 'configured', value: bearer };
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = environment;
  if (id) return toAwsKey(id, secret, session, region, at, issues);
  issues.add(at, 'has no credentials', 'write apiKey, or accessKeyId and secretAccessKey, or set the AWS variables');
  return key;
}

function toAwsKey(
  accessKeyId: string,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
  region: string,
  at: Path,
  issues: Issues,
): AwsKey {
  if (!secretAccessKey)
    issues.add([...at, 'accessKeyId'], 'has no secretAccessKey beside it', 'write secretAccessKey, too');
  return {
    kind: 'aws',
    region,
    accessKeyId,
    secretAccessKey: secretAccessKey ?? '',
    sessionToken: sessionToken ? sessionToken : null,
  };
}

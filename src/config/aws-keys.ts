import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsInstanceSource, AwsKey, AwsProfileSource, AwsSource, ProviderKey } from '../core/provider-key.ts';
import { checkBaseUrl } from './base-url.ts';
import { homeOf, type Environment } from './environment.ts';
import { checkMetadataUrl } from './metadata-url.ts';
import type { Issues, Path } from './problem.ts';
import { toStaticKey } from './provider-keys.ts';
import type { ProviderFile } from './schema.ts';

type BedrockFile = Extract<ProviderFile, { type: 'aws-bedrock' }>;

/** Where the key of one provider is looked for. */
interface Search {
  readonly file: BedrockFile;
  readonly environment: Environment;
  readonly region: string;
  readonly at: Path;
  readonly issues: Issues;
}

const OWN = ['accessKeyId', 'profile', 'instanceRole'] as const;

/** What the file says goes before the environment, and an API key before access keys. One source is chosen here, for good: no other one stands in for it. */
export function toBedrockKey(search: Search): ProviderKey {
  const { file, environment, at, issues } = search;
  const key = toStaticKey(file, at, issues);
  if (key.kind === 'client')
    issues.add([...at, 'apiKey'], 'cannot be the key of the caller', 'write a key of Bedrock, or access keys');
  const [first, second] = [key.kind === 'none' ? null : 'a key', ...OWN.filter((name) => file[name])].filter(
    (name) => name !== null,
  );
  if (second !== undefined) issues.add([...at, second], `stands beside ${first}`, 'write one of the two');
  if (file.accessKeyId) return toAwsKey(search, file.accessKeyId, file.secretAccessKey, file.sessionToken);
  if (key.kind !== 'none') return key;
  if (file.profile) return roleKey(search, profileSource(search, file.profile));
  if (file.instanceRole) return roleKey(search, instanceSource(search));
  return ofEnvironment(search) ?? none(search, environment);
}

function ofEnvironment(search: Search): ProviderKey | null {
  const { environment } = search;
  const bearer = environment['AWS_BEARER_TOKEN_BEDROCK'];
  if (bearer) return { kind: 'configured', value: bearer };
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = environment;
  if (id) return toAwsKey(search, id, secret, session);
  const source = sourceOf(search);
  return source === null ? null : roleKey(search, source);
}

/** What is named goes before the profile that just is there. */
function sourceOf(search: Search): AwsSource | null {
  const { environment, at, issues } = search;
  const { AWS_PROFILE: profile, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: roleArn } = environment;
  if (profile) return profileSource(search, profile);
  if (tokenFile) {
    if (!roleArn) issues.add(at, 'has a web identity (AWS_WEB_IDENTITY_TOKEN_FILE) without a role', 'set AWS_ROLE_ARN');
    const sessionName = environment['AWS_ROLE_SESSION_NAME'] || 'sluice';
    return { kind: 'web-identity', roleArn: roleArn ?? '', tokenFile, sessionName };
  }
  const container = containerSource(search);
  if (container !== null) return container;
  const usual = profileSource(search, 'default');
  return existsSync(usual.credentialsFile) || existsSync(usual.configFile) ? usual : null;
}

function containerSource({ environment, at, issues }: Search): AwsSource | null {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = environment;
  if (!path && !full) return null;
  const tokenFile = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'] || null;
  const token = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'] || null;
  const url = checkMetadataUrl(path ? `http://169.254.170.2${path}` : full!, at, issues);
  return { kind: 'container', url, token, tokenFile };
}

function profileSource(search: Search, profile: string): AwsProfileSource {
  const { environment } = search;
  const folder = join(homeOf(environment), '.aws');
  return {
    kind: 'profile',
    profile,
    credentialsFile: environment['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials'),
    configFile: environment['AWS_CONFIG_FILE'] || join(folder, 'config'),
    instance: instanceSource(search),
  };
}

function instanceSource({ environment, at, issues }: Search): AwsInstanceSource {
  const told = environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || 'http://169.254.169.254';
  return { kind: 'instance', endpoint: checkMetadataUrl(told, at, issues) };
}

function roleKey({ environment, region, at, issues }: Search, source: AwsSource): ProviderKey {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const told = environment['AWS_ENDPOINT_URL_STS'] || `https://sts.${region === '' ? 'unknown' : region}.${domain}`;
  return { kind: 'aws-role', region, stsUrl: checkBaseUrl(told, [], at, issues), source };
}

function none({ at, issues }: Search, environment: Environment): ProviderKey {
  const looked = `looked at the file, AWS_BEARER_TOKEN_BEDROCK, AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_CONTAINER_CREDENTIALS_* and ${homeOf(environment)}/.aws`;
  issues.add(
    at,
    `has no credentials (${looked})`,
    'write apiKey, accessKeyId and secretAccessKey, or profile, or instanceRole: true on EC2',
  );
  return { kind: 'none' };
}

function toAwsKey(
  { region, at, issues }: Search,
  accessKeyId: string,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
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

import { CredentialsError, type CredentialIo, type LastingKey } from '../core/credential-io.ts';
import type { AwsContainerSource, AwsInstanceSource, AwsKey, AwsRoleKey } from '../core/provider-key.ts';
import type { Milliseconds } from '../core/units.ts';
import { profileKey } from './aws-profile.ts';
import { assumeRoleWithToken } from './aws-sts.ts';

/** Credentials of a source that gives them for a time. @throws CredentialsError, which names the source */
export async function awsRoleKey({ source, region, stsUrl }: AwsRoleKey, io: CredentialIo): Promise<LastingKey> {
  const place = { region, stsUrl, io };
  switch (source.kind) {
    case 'profile':
      return profileKey(source, place, (instance) => instanceKey(instance, region, io));
    case 'web-identity':
      return assumeRoleWithToken(source, place);
    case 'container':
      return containerKey(source, region, io);
    case 'instance':
      return instanceKey(source, region, io);
  }
}

/** @source https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
async function containerKey(
  { url, token, tokenFile }: AwsContainerSource,
  region: string,
  io: CredentialIo,
): Promise<LastingKey> {
  const authorization = tokenFile === null ? token : await tokenOf(tokenFile, io);
  const headers = { accept: 'application/json', ...(authorization === null ? {} : { authorization }) };
  const { status, body } = await io.ask({ method: 'GET', url, headers, body: null });
  if (status !== 200) throw new CredentialsError(`container credentials: ${new URL(url).host} answered ${status}`);
  return keyOf(body, 'container credentials', region, io.wall());
}

async function tokenOf(tokenFile: string, io: CredentialIo): Promise<string> {
  const token = await io.readFile(tokenFile);
  if (token === null) throw new CredentialsError('container credentials: the token file is not there');
  if (/[\r\n]/.test(token.trim())) throw new CredentialsError('container credentials: the token file holds no token');
  return token.trim();
}

/** Only by version 2 of the service. @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html */
async function instanceKey({ endpoint }: AwsInstanceSource, region: string, io: CredentialIo): Promise<LastingKey> {
  const ask = async (method: 'GET' | 'PUT', path: string, headers: Readonly<Record<string, string>>) => {
    const { status, body } = await io.ask({ method, url: `${endpoint}${path}`, headers, body: null });
    if (status !== 200) throw new CredentialsError(`instance metadata: ${path} answered ${status}`);
    return body;
  };
  const session = await ask('PUT', '/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '300' });
  const headers = { 'x-aws-ec2-metadata-token': session };
  const role = (await ask('GET', ROLES, headers)).split('\n')[0]!.trim();
  if (!/^[\w+=,.@-]+$/.test(role)) throw new CredentialsError('instance metadata: the instance has no role');
  return keyOf(await ask('GET', ROLES + role, headers), 'instance metadata', region, io.wall());
}

const ROLES = '/latest/meta-data/iam/security-credentials/';

/** The JSON that both have. */
function keyOf(body: string, from: string, region: string, wall: Milliseconds): LastingKey {
  const told = membersOf(body);
  const text = (name: string): string => (typeof told[name] === 'string' ? told[name] : '');
  const [accessKeyId, secretAccessKey, sessionToken] = [text('AccessKeyId'), text('SecretAccessKey'), text('Token')];
  const life = Date.parse(text('Expiration')) - wall;
  const isFailure = text('Code') !== '' && text('Code') !== 'Success';
  if (isFailure || accessKeyId === '' || secretAccessKey === '' || sessionToken === '' || !(life > 0))
    throw new CredentialsError(`${from}: the answer holds no credentials`);
  const key: AwsKey = { kind: 'aws', region, accessKeyId, secretAccessKey, sessionToken };
  return { key, life };
}

function membersOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const told: unknown = JSON.parse(body);
    return typeof told === 'object' && told !== null ? (told as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

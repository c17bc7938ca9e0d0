import { CredentialsError, type CredentialIo, type LastingKey } from '../core/credential-io.ts';
import type { AwsKey, AwsWebIdentitySource } from '../core/provider-key.ts';
import { signV4 } from './sigv4.ts';

/** Where roles are asked for. */
export interface StsPlace {
  readonly region: string;
  readonly stsUrl: string;
  readonly io: CredentialIo;
}

/** @source https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export async function assumeRoleWithToken(
  { roleArn, tokenFile, sessionName }: Omit<AwsWebIdentitySource, 'kind'>,
  place: StsPlace,
): Promise<LastingKey> {
  const token = await place.io.readFile(tokenFile);
  if (token === null) throw new CredentialsError('web identity: the token file is not there');
  const form = {
    Action: 'AssumeRoleWithWebIdentity',
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    WebIdentityToken: token.trim(),
  };
  return askForRole('web identity', form, null, place);
}

/** @source https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function assumeRole(
  role: { readonly roleArn: string; readonly sessionName: string; readonly externalId: string | null },
  signedBy: AwsKey,
  place: StsPlace,
): Promise<LastingKey> {
  const form = {
    Action: 'AssumeRole',
    RoleArn: role.roleArn,
    RoleSessionName: role.sessionName,
    ...(role.externalId === null ? {} : { ExternalId: role.externalId }),
  };
  return askForRole('assumed role', form, signedBy, place);
}

async function askForRole(
  what: string,
  form: Readonly<Record<string, string>>,
  signedBy: AwsKey | null,
  { region, stsUrl, io }: StsPlace,
): Promise<LastingKey> {
  const text = new URLSearchParams({ Version: '2011-06-15', ...form }).toString();
  const { host, pathname } = new URL(stsUrl);
  const request = { method: 'POST', host, path: pathname, body: Buffer.from(text) };
  const signed = signedBy === null ? [] : signV4(signedBy, 'sts', request, io.wall());
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  for (let i = 0; i < signed.length; i += 2) headers[signed[i]!] = signed[i + 1]!;
  const { status, body } = await io.ask({ method: 'POST', url: stsUrl, headers, body: text });
  if (status !== 200)
    throw new CredentialsError(`${what}: ${host} answered ${status} ${elementOf(body, 'Code') ?? ''}`.trim());
  const [accessKeyId, secretAccessKey] = [elementOf(body, 'AccessKeyId'), elementOf(body, 'SecretAccessKey')];
  const sessionToken = elementOf(body, 'SessionToken');
  const life = Date.parse(elementOf(body, 'Expiration') ?? '') - io.wall();
  if (accessKeyId === null || secretAccessKey === null || sessionToken === null || Number.isNaN(life))
    throw new CredentialsError(`${what}: the answer of ${host} holds no credentials`);
  return { key: { kind: 'aws', region, accessKeyId, secretAccessKey, sessionToken }, life };
}

/** Of the XML: names, times and base64, none of which need escapes. */
function elementOf(xml: string, name: string): string | null {
  return new RegExp(`<${name}>([\\w.:/+=-]{1,8192})</${name}>`).exec(xml)?.[1] ?? null;
}

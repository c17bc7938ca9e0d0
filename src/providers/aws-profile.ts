import { CredentialsError, type CredentialIo, type LastingKey } from '../core/credential-io.ts';
import type { AwsInstanceSource, AwsKey, AwsProfileSource } from '../core/provider-key.ts';
import type { Milliseconds } from '../core/units.ts';
import { assumeRole, assumeRoleWithToken, type StsPlace } from './aws-sts.ts';

/** Other tools write the files anew: what they say is believed for so long. */
const READ_EVERY: Milliseconds = 300_000;
/** Profiles that name each other as their source. */
const DEEPEST = 5;

type Profile = Readonly<Record<string, string>>;
type OfInstance = (source: AwsInstanceSource) => Promise<LastingKey>;

/** @source https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html and .../feature-assume-role-credentials.html */
export async function profileKey(
  source: AwsProfileSource,
  place: StsPlace,
  ofInstance: OfInstance,
  depth = 0,
): Promise<LastingKey> {
  const { profile: name, instance } = source;
  const { io, region } = place;
  const what = `profile "${name}"`;
  if (depth > DEEPEST) throw new CredentialsError(`${what}: source_profile leads in a circle`);
  const profile = await readProfile(source, io);
  if (profile === null) throw new CredentialsError(`${what}: it is in neither of the shared files`);
  const { role_arn: roleArn, source_profile: base } = profile;
  const sessionName = profile['role_session_name'] ?? 'sluice';
  // A profile that names itself means its own access keys.
  if (roleArn === undefined || (depth > 0 && base === name)) return ownKey(profile, what, region);
  const { web_identity_token_file: tokenFile, external_id: externalId = null } = profile;
  if (tokenFile !== undefined) return assumeRoleWithToken({ roleArn, tokenFile, sessionName }, place);
  const signedBy = await baseOf(profile, what, instance, ofInstance, (other) =>
    profileKey({ ...source, profile: other }, place, ofInstance, depth + 1),
  );
  return assumeRole({ roleArn, sessionName, externalId }, signedBy.key, place);
}

function baseOf(
  { source_profile: base, credential_source: kind }: Profile,
  what: string,
  instance: AwsInstanceSource,
  ofInstance: OfInstance,
  ofProfile: (name: string) => Promise<LastingKey>,
): Promise<LastingKey> {
  if (base !== undefined) return ofProfile(base);
  if (kind === 'Ec2InstanceMetadata') return ofInstance(instance);
  throw new CredentialsError(
    `${what}: its role_arn has no source_profile (nor credential_source = Ec2InstanceMetadata)`,
  );
}

function ownKey(profile: Profile, what: string, region: string): LastingKey {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = profile;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new CredentialsError(`${what}: ${lackOf(profile)}`);
  const sessionToken = profile['aws_session_token'] ?? null;
  const key: AwsKey = { kind: 'aws', region, accessKeyId, secretAccessKey, sessionToken };
  return { key, life: READ_EVERY };
}

/** What would need a browser or a command is not done by a gateway. */
function lackOf(profile: Profile): string {
  for (const unread of ['credential_process', 'sso_session', 'sso_start_url', 'login_session'])
    if (profile[unread] !== undefined) return `${unread} is not read; export its credentials to the shared file`;
  return 'it has no access keys and no role_arn';
}

/** Null: no such profile. The credentials file goes before the other one. */
async function readProfile(
  { profile, credentialsFile, configFile }: AwsProfileSource,
  io: CredentialIo,
): Promise<Profile | null> {
  const configured = sectionOf((await io.readFile(configFile)) ?? '', (name) => {
    return name === `profile ${profile}` || (profile === 'default' && name === profile);
  });
  const secret = sectionOf((await io.readFile(credentialsFile)) ?? '', (name) => name === profile);
  return configured === null && secret === null ? null : { ...configured, ...secret };
}

/** Of an INI file; nested settings, which are indented, are none of ours. */
function sectionOf(text: string, isMeant: (name: string) => boolean): Profile | null {
  let found: Record<string, string> | null = null;
  let isIn = false;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[\s*([^\]]+?)\s*\]/.exec(line);
    if (header !== null) {
      isIn = isMeant(header[1]!.replace(/\s+/g, ' ').replaceAll('"', ''));
      if (isIn) found ??= {};
      continue;
    }
    const setting = isIn ? /^([A-Za-z_][\w-]*)\s*=\s*(.*?)\s*(?:\s[#;].*)?$/.exec(line) : null;
    if (setting !== null && setting[2] !== '') found![setting[1]!.toLowerCase()] = setting[2]!;
  }
  return found;
}

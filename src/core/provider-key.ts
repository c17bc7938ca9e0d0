import type { Milliseconds } from './units.ts';

/**
 * `client`: the caller's own key goes upstream. `none`: no key is sent. `pool`: several, in turn. `entra*` and `google*`: a
 * token that they are exchanged for. `aws`: each request is signed; `aws-role`: with credentials that end and are asked for anew.
 */
export type ProviderKey =
  | { readonly kind: 'configured'; readonly value: string }
  | { readonly kind: 'pool'; readonly values: readonly string[]; readonly cooldown: KeyCooldown }
  | { readonly kind: 'client' }
  | { readonly kind: 'none' }
  | EntraKey
  | EntraWorkloadKey
  | EntraManagedKey
  | GoogleKey
  | GoogleUserKey
  | GoogleMetadataKey
  | AwsKey
  | AwsRoleKey;

/** How long a key of a pool is left alone. */
export interface KeyCooldown {
  /** After 429 without a time of its own. */
  readonly limited: Milliseconds;
  /** After 401, 402 and 403, and what else says that the key is bad. */
  readonly refused: Milliseconds;
}

/** An application of Microsoft Entra ID. */
export interface EntraKey {
  readonly kind: 'entra';
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Without a trailing slash. */
  readonly authority: string;
}

/** An application that a token of the cluster stands for, as in AKS. */
export interface EntraWorkloadKey {
  readonly kind: 'entra-workload';
  readonly tenant: string;
  readonly clientId: string;
  /** Read anew each time: the cluster renews it. */
  readonly tokenFile: string;
  readonly authority: string;
}

/** The identity of the machine or the app. */
export interface EntraManagedKey {
  readonly kind: 'entra-managed';
  /** Of one that is assigned; null: the machine's own. */
  readonly clientId: string | null;
  /** Where the machine asks, without a trailing slash. */
  readonly endpoint: string;
  /** What App Service wants to see; null: it is a virtual machine's. */
  readonly header: string | null;
}

/** A service account of Google Cloud. */
export interface GoogleKey {
  readonly kind: 'google';
  readonly email: string;
  /** PEM. */
  readonly privateKey: string;
  /** Null: not said. */
  readonly keyId: string | null;
  readonly tokenUrl: string;
}

/** What `gcloud auth application-default login` leaves. */
export interface GoogleUserKey {
  readonly kind: 'google-user';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  readonly tokenUrl: string;
}

/** The service account of the machine or of the pod, from the metadata server. */
export interface GoogleMetadataKey {
  readonly kind: 'google-metadata';
  /** Without a trailing slash. */
  readonly endpoint: string;
}

export interface AwsKey {
  readonly kind: 'aws';
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null: the credentials are lasting ones. */
  readonly sessionToken: string | null;
}

/** Credentials that are asked for, and asked for again before they end. */
export interface AwsRoleKey {
  readonly kind: 'aws-role';
  readonly region: string;
  /** Of the security token service, without a trailing slash. */
  readonly stsUrl: string;
  readonly source: AwsSource;
}

export type AwsSource = AwsProfileSource | AwsWebIdentitySource | AwsContainerSource | AwsInstanceSource;

/** A profile of the files that the AWS tools share; they are read anew each time. */
export interface AwsProfileSource {
  readonly kind: 'profile';
  readonly profile: string;
  readonly credentialsFile: string;
  readonly configFile: string;
  /** Where the profile names them as its source. */
  readonly instance: AwsInstanceSource;
}

/** A role that a token of the cluster stands for, as in EKS. */
export interface AwsWebIdentitySource {
  readonly kind: 'web-identity';
  readonly roleArn: string;
  readonly tokenFile: string;
  readonly sessionName: string;
}

/** ECS, and EKS Pod Identity. */
export interface AwsContainerSource {
  readonly kind: 'container';
  readonly url: string;
  /** Of the header `authorization`; null: none. */
  readonly token: string | null;
  /** The same, read anew each time; goes before `token`. */
  readonly tokenFile: string | null;
}

/** The role of an EC2 instance. */
export interface AwsInstanceSource {
  readonly kind: 'instance';
  /** Without a trailing slash. */
  readonly endpoint: string;
}

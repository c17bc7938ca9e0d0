import { z } from 'zod';
import { headerSecret, name } from './names.ts';
import { strict, told } from './zod-kit.ts';

/** Stands in paths: nothing that would end a segment, or be one that goes up. */
const pathSegment = (what: string) =>
  z
    .string()
    .regex(
      /^[a-zA-Z0-9](?:[a-zA-Z0-9.:_-]*[a-zA-Z0-9])?$/,
      told(`must be ${what}`, 'use letters, digits, dots, dashes and underscores'),
    );

/** Of `azure-openai`, beside its key. */
export const azureFields = {
  resource: z
    .string()
    .regex(/^[a-zA-Z0-9-]+$/, told('must be the name of a resource', 'write NAME of https://NAME.openai.azure.com'))
    .optional()
    .describe('Azure: the resource, for `https://RESOURCE.openai.azure.com`; or write `baseUrl`.'),
  apiVersion: z
    .string()
    .regex(/^[a-zA-Z0-9.-]+$/, told('must be a version', 'write e.g. 2024-10-21'))
    .optional()
    .describe('Azure: version of the API with deployments in its paths; left out: the v1 API.'),
  deployments: z
    .record(z.string().min(1), pathSegment('a deployment'))
    .prefault({})
    .describe('Azure: deployments by the name of their model; models that are not named are deployed under their own.'),
  entra: z
    .union(
      [
        z.enum(['workload-identity', 'managed-identity']),
        strict({
          tenant: pathSegment('a tenant').describe('Directory (tenant) id.'),
          clientId: headerSecret().min(1).describe('Application (client) id.'),
          clientSecret: headerSecret().min(1).describe('A client secret of the application.'),
          authority: z.string().prefault('https://login.microsoftonline.com').describe('Where tokens are asked for.'),
        }),
      ],
      {
        error: told(
          'must be an application or an identity',
          'write tenant, clientId and clientSecret, or workload-identity, or managed-identity',
        ),
      },
    )
    .optional()
    .describe(
      'Azure: Microsoft Entra ID instead of a key: an application with its secret, `workload-identity` (AKS) or `managed-identity` (virtual machines, App Service).',
    ),
};

/** Of `google-vertex`. */
export const vertexFields = {
  project: pathSegment('a project').optional().describe("Vertex: the project; left out: the service account's."),
  location: name().prefault('global').describe('Vertex: the location, e.g. `europe-west4`.'),
  publisher: z
    .enum(['google', 'anthropic'])
    .prefault('google')
    .describe('Vertex: whose models; those of Anthropic are called by rawPredict.'),
  serviceAccount: z
    .union([z.string().min(1), z.record(z.string(), z.json())], {
      error: told('must be a service account', 'write the path of its JSON key file, or the JSON itself'),
    })
    .optional()
    .describe(
      'Vertex: path of the JSON key file of a service account, or the JSON itself; `metadata`: of the machine (GKE, Compute Engine). Left out: `GOOGLE_APPLICATION_CREDENTIALS`, else the file of gcloud.',
    ),
};

/** Of `aws-bedrock`, beside its API key. */
export const bedrockFields = {
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, told('must be a region', 'write e.g. eu-central-1'))
    .optional()
    .describe('Bedrock: left out: `AWS_REGION` or `AWS_DEFAULT_REGION`.'),
  accessKeyId: headerSecret()
    .optional()
    .describe(
      'Bedrock: without an `apiKey`; left out: what the environment has ([Providers](../providers.md#amazon-bedrock)).',
    ),
  secretAccessKey: headerSecret().optional().describe('Bedrock: beside `accessKeyId`.'),
  sessionToken: headerSecret().optional().describe('Bedrock: of temporary credentials.'),
  profile: z
    .string()
    .min(1)
    .optional()
    .describe('Bedrock: a profile of the shared files of AWS, with access keys or a role; left out: `AWS_PROFILE`.'),
  instanceRole: z.boolean().prefault(false).describe('Bedrock: the role of the EC2 instance (IMDSv2).'),
};

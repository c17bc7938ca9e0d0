import type { AzureConfig, ProviderConfig } from '../core/config.ts';
import type { Operation } from '../core/operation.ts';
import type { AddressedCall, Provider } from '../core/provider.ts';
import { entraTokenRequest } from './entra.ts';
import { keyTrouble } from './key-trouble.ts';

const SERVED: ReadonlySet<Operation> = new Set([
  'chat',
  'text_completion',
  'responses',
  'embeddings',
  'models',
  'passthrough',
]);

/** Endpoints that have the deployment in their path; all others take it from the body or are about no model. */
const OF_A_DEPLOYMENT = /^\/v1\/(?:chat\/completions|completions|embeddings)(?:\?|$)/;

/**
 * OpenAI's models at Azure, in both forms of the API. The base URL is that of the resource.
 * @source https://learn.microsoft.com/en-us/azure/ai-foundry/openai/api-version-lifecycle and
 * https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference
 */
export const azureOpenai: Provider = {
  type: 'azure-openai',
  wire: 'chat',
  speaks: (operation) => SERVED.has(operation),
  upstreamPath: (basePath, path) => `${rootOf(basePath)}/openai${path}`,
  authHeader: (key) => ['api-key', key],
  requiredHeaders: [],
  keyTrouble,
  tokenRequest: entraTokenRequest,
  configured,
};

function configured({ azure, api }: ProviderConfig): Provider {
  const { apiVersion, deployments } = azure ?? NO_SETTINGS;
  return {
    ...azureOpenai,
    wire: api,
    modelName: (model) => (Object.hasOwn(deployments, model) ? deployments[model]! : model),
    ...(apiVersion === null ? {} : { upstreamPath: versionedPath(apiVersion) }),
  };
}

const NO_SETTINGS: AzureConfig = { apiVersion: null, deployments: {} };

function versionedPath(apiVersion: string): Provider['upstreamPath'] {
  const version = `api-version=${encodeURIComponent(apiVersion)}`;
  return (basePath: string, path: string, call?: AddressedCall) => {
    const isDeployment = call !== undefined && OF_A_DEPLOYMENT.test(path);
    const place = isDeployment ? `/openai/deployments/${encodeURIComponent(call.model)}` : '/openai';
    return `${rootOf(basePath)}${place}${path.slice('/v1'.length)}${path.includes('?') ? '&' : '?'}${version}`;
  };
}

/** The portal shows the base URL with and without the path of the API. */
function rootOf(basePath: string): string {
  return basePath.replace(/\/openai(?:\/v1)?$/, '');
}

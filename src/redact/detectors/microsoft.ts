import type { Detector } from '../detector.ts';
import { AZURE_CLIENT_SECRET } from './azure-client-secret.ts';
import { keyedDetector } from './keyed.ts';
import { BASE62, HEX_DIGITS, LOWER, sample } from './sample.ts';
import { isScrambled, sampleUuid, isMixed } from './shapes.ts';
import { suffixedDetector } from './suffixed.ts';
import { tokenDetector } from './token.ts';
import { assigned, UUID_VALUE } from './value-shapes.ts';

const DEVOPS_TOKEN = sample(BASE62, 76) + 'AZDO' + sample(BASE62, 4);

export const MICROSOFT: readonly Detector[] = [
  keyedDetector({
    id: 'secret.azure_storage_key',
    description: 'Azure account key in a connection string',
    source: 'https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string',
    names: ['account_key', 'shared_access_key', ';AccessKey'],
    chars: 'A-Za-z0-9+/=',
    value: '[A-Za-z0-9+/]{43,100}={0,2}',
    longest: 102,
    examples: [
      assigned('Endpoint=https://x.service.signalr.net;AccessKey=', sample(BASE62 + '+/', 43) + '='),
      {
        text: 'AccountName=x;AccountKey=' + sample(BASE62 + '+/', 86) + '==;',
        value: sample(BASE62 + '+/', 86) + '==',
      },
    ],
    nearMisses: ['SharedAccessKeyName=RootManageSharedAccessKey', 'AccountKey=' + sample(BASE62, 20)],
  }),
  keyedDetector({
    id: 'secret.azure_client_secret_by_name',
    description: 'Microsoft Entra (Azure AD) client secret of an older form, by the name before it',
    source: 'https://learn.microsoft.com/entra/identity-platform/how-to-add-credentials',
    names: ['azure_client_secret', 'azure_secret', 'azure_ad_secret', 'ad_client_secret', 'arm_client_secret'],
    chars: 'A-Za-z0-9_.~?/+=@:[]-',
    value: '[A-Za-z0-9_.~?/+=@:[\\]-]{32,44}',
    longest: 44,
    accepts: isScrambled,
    examples: [
      assigned('var azureClientSecret := "', sample(BASE62, 40)),
      assigned('ARM_CLIENT_SECRET=', 'k' + sample(BASE62 + '.~-_', 33)),
    ],
    nearMisses: [
      'AZURE_CLIENT_SECRET=' + sample(BASE62, 12),
      'AZURE_CLIENT_SECRET=the_name_of_the_secret_in_the_vault',
    ],
  }),
  keyedDetector({
    id: 'secret.azure_identifier',
    description: 'Microsoft Entra (Azure AD) tenant or client id, by the name before it',
    source: 'https://learn.microsoft.com/entra/identity-platform/quickstart-register-app',
    names: [
      'azure_client',
      'azure_tenant',
      'azure_ad',
      'azure_subscription',
      'ad_client',
      'ad_tenant',
      'arm_client',
      'arm_tenant',
    ],
    ...UUID_VALUE,
    examples: [assigned('AZURE_CLIENT_ID=', sampleUuid()), assigned('ad_tenant_id: "', sampleUuid())],
    nearMisses: ['AZURE_TENANT_ID=common', 'azure_tenant ' + sampleUuid()],
  }),
  keyedDetector({
    id: 'secret.azure_devops_token',
    description: 'Azure DevOps personal access token of the older form, by the name before it',
    source:
      'https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate',
    names: ['azure_devops', 'azdo', 'ado_pat', 'ado_token', 'vsts', 'system_accesstoken', 'azure_pat'],
    chars: 'A-Za-z0-9',
    value: '[a-z2-7]{52}',
    longest: 52,
    accepts: isMixed,
    examples: [assigned('AZURE_DEVOPS_EXT_PAT=', sample(LOWER + '234567', 52))],
    nearMisses: ['AZURE_DEVOPS_EXT_PAT=' + sample(BASE62, 20), 'vsts: ' + sample(LOWER, 52)],
  }),
  suffixedDetector({
    id: 'secret.azure_devops_pat',
    description: 'Azure DevOps personal access token',
    source:
      'https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate',
    keywords: ['AZDO'],
    head: [['A-Za-z0-9', 76]],
    free: 20,
    tail: '[A-Za-z0-9]{4}',
    longestTail: 4,
    examples: [
      { text: `ADO_PAT: ${DEVOPS_TOKEN}`, value: DEVOPS_TOKEN },
      { text: `I sent ${DEVOPS_TOKEN}`, value: DEVOPS_TOKEN.slice(20) },
    ],
    nearMisses: [DEVOPS_TOKEN.slice(1), DEVOPS_TOKEN + 'x', 'AZDO'],
  }),
  keyedDetector({
    id: 'secret.azure_openai_key',
    description: 'Azure AI services key, by the name before it',
    source: 'https://learn.microsoft.com/azure/ai-services/authentication',
    names: ['azure_openai', 'azure_api_key', 'azureai', 'azure_ai', 'ocp_apim_subscription_key', 'cognitive_service'],
    chars: 'A-Za-z0-9',
    value: '(?:[A-Za-z0-9]{84}|[a-f0-9]{32})',
    longest: 84,
    accepts: isMixed,
    examples: [
      assigned('AZURE_OPENAI_API_KEY=', sample(BASE62, 84)),
      assigned('Ocp-Apim-Subscription-Key: ', sample(HEX_DIGITS, 32)),
    ],
    nearMisses: ['AZURE_OPENAI_ENDPOINT=https://x.openai.azure.com', 'azure_openai = ' + sample(LOWER, 84)],
  }),
  tokenDetector({
    id: 'secret.azure_app_configuration',
    description: 'Azure App Configuration connection string, from its id on',
    source: 'https://learn.microsoft.com/azure/azure-app-configuration/howto-best-practices',
    prefixes: ['azconfig.io;Id='],
    chars: 'A-Za-z0-9+/=;:_.-',
    body: '[A-Za-z0-9+/=:_.-]{4,80};Secret=[A-Za-z0-9+/]{36,100}={0,2}',
    longest: 190,
    boundary: '',
    examples: [
      assigned(
        'Endpoint=https://shop.',
        'azconfig.io;Id=' + sample(BASE62, 12) + ';Secret=' + sample(BASE62 + '+/', 43) + '=',
      ),
    ],
    nearMisses: ['Endpoint=https://shop.azconfig.io;Id=' + sample(BASE62, 12) + ';Secret=x'],
  }),
  keyedDetector({
    id: 'secret.azure_account_key',
    description: 'Azure storage or Cosmos DB account key, by the name before it',
    source: 'https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage',
    names: ['azure_storage', 'storage_account', 'storage_key', 'cosmos', 'batch_account'],
    chars: 'A-Za-z0-9+/=',
    value: '[A-Za-z0-9+/]{86}==',
    longest: 88,
    examples: [assigned('COSMOS_KEY=', sample(BASE62 + '+/', 86) + '==')],
    nearMisses: ['COSMOS_KEY=' + sample(BASE62, 86), 'azure_storage: ' + sample(BASE62, 20)],
  }),
  keyedDetector({
    id: 'secret.azure_search_key',
    description: 'Azure AI Search or Functions key, by the name before it',
    source: 'https://learn.microsoft.com/azure/search/search-security-api-keys',
    names: ['azure_search', 'search_admin_key', 'search_api_key', 'x_functions_key', 'function_key', 'azure_function'],
    chars: 'A-Za-z0-9_=-',
    value: '(?:[A-Za-z0-9_-]{54}==|[A-Za-z0-9]{52})',
    longest: 56,
    accepts: isScrambled,
    examples: [
      assigned('AZURE_SEARCH_ADMIN_KEY=', sample(BASE62, 42) + 'AzSe' + sample(BASE62, 6)),
      assigned('x-functions-key: ', sample(BASE62, 44) + 'AzFu' + sample(BASE62, 6) + '=='),
    ],
    nearMisses: ['azure_search: ' + sample(LOWER, 52)],
  }),
  tokenDetector({
    id: 'secret.azure_sas_signature',
    description: 'Azure shared access signature, from its name on',
    source: 'https://learn.microsoft.com/azure/storage/common/storage-sas-overview',
    prefixes: ['&sig=', '?sig='],
    chars: 'A-Za-z0-9%+/=_-',
    body: '[A-Za-z0-9%+/_-]{43,64}=?',
    longest: 65,
    boundary: '',
    accepts: isScrambled,
    examples: [assigned('https://shop.blob.core.windows.net/x?sv=2024&sr=b', '&sig=' + sample(BASE62, 42) + 'A%3D')],
    nearMisses: ['https://example.com/?sig=' + sample(BASE62, 12)],
  }),
  AZURE_CLIENT_SECRET,
];

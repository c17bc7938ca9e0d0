import type { Detector } from '../detector.ts';
import { ADDRESSES } from './addresses.ts';
import { AI_TOOLS } from './ai-tools.ts';
import { AI_VENDORS } from './ai-vendors.ts';
import { ACCESS_CONTROL } from './access-control.ts';
import { ACCOUNTING } from './accounting.ts';
import { ANALYTICS } from './analytics.ts';
import { ASSIGNMENTS } from './assignments.ts';
import { AUTOMATION } from './automation.ts';
import { AUTHORIZATION } from './authorization.ts';
import { BARE_KEYS } from './bare-keys.ts';
import { CARD } from './card.ts';
import { CI_CD } from './ci-cd.ts';
import { CLOUD } from './cloud.ts';
import { COMMAND_LINES } from './command-lines.ts';
import { CREDENTIAL_CALLS } from './credential-calls.ts';
import { COMMERCE } from './commerce.ts';
import { CONNECTION_STRINGS } from './connection-strings.ts';
import { COOKIES } from './cookies.ts';
import { CLOUD_STORAGE } from './cloud-storage.ts';
import { CLUSTERS } from './clusters.ts';
import { CODE_PLATFORMS } from './code-platforms.ts';
import { COLLABORATION } from './collaboration.ts';
import { CONNECTED_THINGS } from './connected-things.ts';
import { CRM } from './crm.ts';
import { CRYPTO_EXCHANGES } from './crypto-exchanges.ts';
import { CUSTOMER_MESSAGING } from './customer-messaging.ts';
import { DATA_SERVICES } from './data-services.ts';
import { DATABASES } from './databases.ts';
import { DESIGN_TOOLS } from './design-tools.ts';
import { DEVELOPER_TOOLS } from './developer-tools.ts';
import { E_MAIL_SERVICES } from './e-mail-services.ts';
import { EMAIL } from './email.ts';
import { ENTERTAINMENT } from './entertainment.ts';
import { GENERIC_SECRETS } from './generic-secrets.ts';
import { IBAN } from './iban.ts';
import { IP } from './ip.ts';
import { NATIONAL_IDS } from './national-ids/national-ids.ts';
import { JWT } from './jwt.ts';
import { MAIL_DELIVERY } from './mail-delivery.ts';
import { MAPS_AND_TRAVEL } from './maps-and-travel.ts';
import { MEDIA } from './media.ts';
import { MESSAGING } from './messaging.ts';
import { MONITORING } from './monitoring.ts';
import { NETWORKING } from './networking.ts';
import { OBSERVABILITY } from './observability.ts';
import { FEATURE_FLAGS } from './feature-flags.ts';
import { FINANCE } from './finance.ts';
import { FOREIGN_ASSIGNMENTS } from './foreign-assignments.ts';
import { FRAMEWORKS } from './frameworks.ts';
import { GOOGLE } from './google.ts';
import { IDENTITY } from './identity.ts';
import { INFRASTRUCTURE } from './infrastructure.ts';
import { MACHINE_LEARNING } from './machine-learning.ts';
import { MARKETPLACES } from './marketplaces.ts';
import { MICROSOFT } from './microsoft.ts';
import { MODEL_MAKERS } from './model-makers.ts';
import { PACKAGE_REGISTRIES } from './package-registries.ts';
import { PASSWORD_HASHES } from './password-hashes.ts';
import { PAYMENTS } from './payments.ts';
import { PHONE } from './phone.ts';
import { PRIVATE_KEYS } from './private-key.ts';
import { PROGRAM_PASSWORDS } from './program-passwords.ts';
import { PROJECT_TOOLS } from './project-tools.ts';
import { SEARCH } from './search.ts';
import { SECURITY_TOOLS } from './security-tools.ts';
import { SERVERS } from './servers.ts';
import { SIGN_IN } from './sign-in.ts';
import { SOCIAL_NETWORKS } from './social-networks.ts';
import { SOCIAL_MEDIA } from './social-media.ts';
import { SOURCE_HOSTING } from './source-hosting.ts';
import { SPEECH_AND_VISION } from './speech-and-vision.ts';
import { TEAM_CHAT } from './team-chat.ts';
import { SQL_PASSWORDS } from './sql-passwords.ts';
import { STRUCTURED_SECRETS } from './structured-secrets.ts';
import { TELEPHONY } from './telephony.ts';
import { TEST_AND_DEPLOY } from './test-and-deploy.ts';
import { THREAT_INTELLIGENCE } from './threat-intelligence.ts';
import { URL_PASSWORD } from './url-password.ts';
import { WEB_DATA } from './web-data.ts';
import { WEB_HOSTING } from './web-hosting.ts';
import { WORKSPACES } from './workspaces.ts';

/** Every bundled rule. A new family is a new file and one entry here. */
export const DETECTORS: readonly Detector[] = [
  ...PRIVATE_KEYS,
  ...BARE_KEYS,
  ...AI_VENDORS,
  ...SPEECH_AND_VISION,
  ...SOURCE_HOSTING,
  ...CLOUD,
  ...MESSAGING,
  ...MAIL_DELIVERY,
  ...TEAM_CHAT,
  ...MAPS_AND_TRAVEL,
  ...MEDIA,
  ...SOCIAL_NETWORKS,
  ...ENTERTAINMENT,
  ...MONITORING,
  ...NETWORKING,
  ...OBSERVABILITY,
  ...COMMERCE,
  ...PAYMENTS,
  ...ACCOUNTING,
  ...PROJECT_TOOLS,
  ...AUTOMATION,
  ...WORKSPACES,
  ...SEARCH,
  ...SECURITY_TOOLS,
  ...SIGN_IN,
  ...ACCESS_CONTROL,
  ...TEST_AND_DEPLOY,
  ...TELEPHONY,
  ...WEB_HOSTING,
  ...SERVERS,
  ...DEVELOPER_TOOLS,
  ...PACKAGE_REGISTRIES,
  ...AI_TOOLS,
  ...GOOGLE,
  ...MICROSOFT,
  ...ANALYTICS,
  ...CI_CD,
  ...CLOUD_STORAGE,
  ...CRM,
  ...CRYPTO_EXCHANGES,
  ...DATABASES,
  ...DESIGN_TOOLS,
  ...E_MAIL_SERVICES,
  ...FEATURE_FLAGS,
  ...IDENTITY,
  ...FINANCE,
  ...CONNECTED_THINGS,
  ...DATA_SERVICES,
  ...MACHINE_LEARNING,
  ...INFRASTRUCTURE,
  ...CODE_PLATFORMS,
  ...CLUSTERS,
  ...COLLABORATION,
  ...SOCIAL_MEDIA,
  ...WEB_DATA,
  ...ADDRESSES,
  ...THREAT_INTELLIGENCE,
  ...MARKETPLACES,
  ...CUSTOMER_MESSAGING,
  ...MODEL_MAKERS,
  ...FRAMEWORKS,
  ...JWT,
  ...URL_PASSWORD,
  ...AUTHORIZATION,
  ...STRUCTURED_SECRETS,
  ...PASSWORD_HASHES,
  ...COOKIES,
  ...CONNECTION_STRINGS,
  ...COMMAND_LINES,
  ...PROGRAM_PASSWORDS,
  ...SQL_PASSWORDS,
  ...CREDENTIAL_CALLS,
  ...ASSIGNMENTS,
  ...FOREIGN_ASSIGNMENTS,
  ...GENERIC_SECRETS,
  ...EMAIL,
  ...CARD,
  ...IBAN,
  ...NATIONAL_IDS,
  ...PHONE,
  ...IP,
];

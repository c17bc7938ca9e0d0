import type { Detector } from '../detector.ts';
import { ADDRESSES } from './addresses.ts';
import { AI_TOOLS } from './ai-tools.ts';
import { AI_VENDORS } from './ai-vendors.ts';
import { ANALYTICS } from './analytics.ts';
import { ASSIGNMENTS } from './assignments.ts';
import { CARD } from './card.ts';
import { CI_CD } from './ci-cd.ts';
import { CLOUD } from './cloud.ts';
import { CLOUD_STORAGE } from './cloud-storage.ts';
import { CLUSTERS } from './clusters.ts';
import { CODE_PLATFORMS } from './code-platforms.ts';
import { COLLABORATION } from './collaboration.ts';
import { COMMERCE } from './commerce.ts';
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
import { FEATURE_FLAGS } from './feature-flags.ts';
import { FINANCE } from './finance.ts';
import { FRAMEWORKS } from './frameworks.ts';
import { GOOGLE } from './google.ts';
import { IBAN } from './iban.ts';
import { IDENTITY } from './identity.ts';
import { INFRASTRUCTURE } from './infrastructure.ts';
import { JWT } from './jwt.ts';
import { MACHINE_LEARNING } from './machine-learning.ts';
import { MARKETPLACES } from './marketplaces.ts';
import { MESSAGING } from './messaging.ts';
import { MICROSOFT } from './microsoft.ts';
import { MODEL_MAKERS } from './model-makers.ts';
import { NATIONAL_IDS } from './national-ids/national-ids.ts';
import { PACKAGE_REGISTRIES } from './package-registries.ts';
import { PAYMENTS } from './payments.ts';
import { PRIVATE_KEYS } from './private-key.ts';
import { PROJECT_TOOLS } from './project-tools.ts';
import { SECURITY_TOOLS } from './security-tools.ts';
import { SOCIAL_MEDIA } from './social-media.ts';
import { SOURCE_HOSTING } from './source-hosting.ts';
import { TELEPHONY } from './telephony.ts';
import { THREAT_INTELLIGENCE } from './threat-intelligence.ts';
import { URL_PASSWORD } from './url-password.ts';
import { WEB_DATA } from './web-data.ts';
import { WEB_HOSTING } from './web-hosting.ts';

/** Every bundled rule. A new family is a new file and one entry here. */
export const DETECTORS: readonly Detector[] = [
  ...PRIVATE_KEYS,
  ...AI_VENDORS,
  ...SOURCE_HOSTING,
  ...CLOUD,
  ...MESSAGING,
  ...COMMERCE,
  ...PAYMENTS,
  ...PROJECT_TOOLS,
  ...SECURITY_TOOLS,
  ...TELEPHONY,
  ...WEB_HOSTING,
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
  ...ASSIGNMENTS,
  ...EMAIL,
  ...CARD,
  ...IBAN,
  ...NATIONAL_IDS,
];

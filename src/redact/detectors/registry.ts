import type { Detector } from '../detector.ts';
import { AI_VENDORS } from './ai-vendors.ts';
import { ASSIGNMENTS } from './assignments.ts';
import { AUTHORIZATION } from './authorization.ts';
import { CARD } from './card.ts';
import { CLOUD } from './cloud.ts';
import { COMMAND_LINES } from './command-lines.ts';
import { CREDENTIAL_CALLS } from './credential-calls.ts';
import { COMMERCE } from './commerce.ts';
import { CONNECTION_STRINGS } from './connection-strings.ts';
import { COOKIES } from './cookies.ts';
import { DEVELOPER_TOOLS } from './developer-tools.ts';
import { EMAIL } from './email.ts';
import { GENERIC_SECRETS } from './generic-secrets.ts';
import { IBAN } from './iban.ts';
import { NATIONAL_IDS } from './national-ids/national-ids.ts';
import { JWT } from './jwt.ts';
import { MESSAGING } from './messaging.ts';
import { PACKAGE_REGISTRIES } from './package-registries.ts';
import { PASSWORD_HASHES } from './password-hashes.ts';
import { PAYMENTS } from './payments.ts';
import { PRIVATE_KEYS } from './private-key.ts';
import { PROJECT_TOOLS } from './project-tools.ts';
import { SECURITY_TOOLS } from './security-tools.ts';
import { SOURCE_HOSTING } from './source-hosting.ts';
import { STRUCTURED_SECRETS } from './structured-secrets.ts';
import { TELEPHONY } from './telephony.ts';
import { URL_PASSWORD } from './url-password.ts';
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
  ...JWT,
  ...URL_PASSWORD,
  ...AUTHORIZATION,
  ...STRUCTURED_SECRETS,
  ...PASSWORD_HASHES,
  ...COOKIES,
  ...CONNECTION_STRINGS,
  ...COMMAND_LINES,
  ...CREDENTIAL_CALLS,
  ...ASSIGNMENTS,
  ...GENERIC_SECRETS,
  ...EMAIL,
  ...CARD,
  ...IBAN,
  ...NATIONAL_IDS,
];

import type { Detector } from '../detector.ts';
import { AI_VENDORS } from './ai-vendors.ts';
import { ACCESS_CONTROL } from './access-control.ts';
import { ACCOUNTING } from './accounting.ts';
import { ASSIGNMENTS } from './assignments.ts';
import { AUTOMATION } from './automation.ts';
import { CARD } from './card.ts';
import { CLOUD } from './cloud.ts';
import { COMMERCE } from './commerce.ts';
import { DEVELOPER_TOOLS } from './developer-tools.ts';
import { EMAIL } from './email.ts';
import { ENTERTAINMENT } from './entertainment.ts';
import { IBAN } from './iban.ts';
import { NATIONAL_IDS } from './national-ids/national-ids.ts';
import { JWT } from './jwt.ts';
import { MAIL_DELIVERY } from './mail-delivery.ts';
import { MAPS_AND_TRAVEL } from './maps-and-travel.ts';
import { MEDIA } from './media.ts';
import { MESSAGING } from './messaging.ts';
import { MONITORING } from './monitoring.ts';
import { NETWORKING } from './networking.ts';
import { OBSERVABILITY } from './observability.ts';
import { PACKAGE_REGISTRIES } from './package-registries.ts';
import { PAYMENTS } from './payments.ts';
import { PRIVATE_KEYS } from './private-key.ts';
import { PROJECT_TOOLS } from './project-tools.ts';
import { SEARCH } from './search.ts';
import { SECURITY_TOOLS } from './security-tools.ts';
import { SERVERS } from './servers.ts';
import { SIGN_IN } from './sign-in.ts';
import { SOCIAL_NETWORKS } from './social-networks.ts';
import { SOURCE_HOSTING } from './source-hosting.ts';
import { SPEECH_AND_VISION } from './speech-and-vision.ts';
import { TEAM_CHAT } from './team-chat.ts';
import { TELEPHONY } from './telephony.ts';
import { TEST_AND_DEPLOY } from './test-and-deploy.ts';
import { URL_PASSWORD } from './url-password.ts';
import { WEB_HOSTING } from './web-hosting.ts';
import { WORKSPACES } from './workspaces.ts';

/** Every bundled rule. A new family is a new file and one entry here. */
export const DETECTORS: readonly Detector[] = [
  ...PRIVATE_KEYS,
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
  ...JWT,
  ...URL_PASSWORD,
  ...ASSIGNMENTS,
  ...EMAIL,
  ...CARD,
  ...IBAN,
  ...NATIONAL_IDS,
];

import type { Detector } from '../detector.ts';
import { AI_VENDORS } from './ai-vendors.ts';
import { CARD } from './card.ts';
import { CLOUD } from './cloud.ts';
import { COMMERCE } from './commerce.ts';
import { DEVELOPER_TOOLS } from './developer-tools.ts';
import { EMAIL } from './email.ts';
import { IBAN } from './iban.ts';
import { JWT } from './jwt.ts';
import { MESSAGING } from './messaging.ts';
import { PRIVATE_KEYS } from './private-key.ts';
import { SOURCE_HOSTING } from './source-hosting.ts';
import { URL_PASSWORD } from './url-password.ts';

/** Every bundled rule. A new family is a new file and one entry here. */
export const DETECTORS: readonly Detector[] = [
  ...PRIVATE_KEYS,
  ...AI_VENDORS,
  ...SOURCE_HOSTING,
  ...CLOUD,
  ...MESSAGING,
  ...COMMERCE,
  ...DEVELOPER_TOOLS,
  ...JWT,
  ...URL_PASSWORD,
  ...EMAIL,
  ...CARD,
  ...IBAN,
];

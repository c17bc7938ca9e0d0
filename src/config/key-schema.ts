import { z } from 'zod';
import { allowance } from './allowance-schema.ts';
import { headerSecret, labelValue, name } from './names.ts';
import { redactionChange } from './redaction-schema.ts';
import { instant, yesOrNo } from './units.ts';
import { strict, told } from './zod-kit.ts';

const models = (what: string) => z.array(z.string().min(1)).prefault(['*']).describe(what);
const metadata = () => z.record(z.string(), labelValue()).prefault({});

const settings = {
  owner: z.string().min(1).max(200).optional().describe('Who answers for it; for people.'),
  team: z.string().optional().describe('One of `teams`: what the team may use bounds the key as well.'),
  models: models('Model names or globs that the key may use; of a team those that the team may use too.'),
  allowArmOverride: yesOrNo().prefault(false).describe('May choose its arm by the `x-sluice-arm` header.'),
  ...allowance,
  metadata: metadata().describe("Joined to the metadata of the key's requests."),
  redaction: redactionChange.optional().describe('What is different for requests of this key; over that of the model.'),
  expiresAt: instant().optional().describe('From then on it is no key any more, e.g. `2027-01-31` (UTC).'),
};

const keyName = () =>
  name()
    .refine((text) => text !== 'anonymous', told('is the name of callers without a key', 'choose another name'))
    .describe('Stands in metrics, logs and rollout matches.');

/** A key of the store, as the API takes it. */
export const storedKey = strict({ name: keyName(), ...settings });

/** A key of the configuration. */
export const key = strict({
  name: keyName(),
  secret: headerSecret()
    .min(1, told('is empty', 'write the key that callers send, or set the variable it comes from'))
    .describe('What callers send as their API key; kept only as a hash.'),
  ...settings,
});

export const team = strict({
  name: name().describe('Keys name it as their `team`.'),
  models: models('Model names or globs that keys of the team may use at most.'),
  ...allowance,
  metadata: metadata().describe("Joined to the metadata of requests of its keys, under the key's own."),
});

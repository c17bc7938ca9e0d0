import { z } from 'zod';
import { COMPATIBLE_TYPES, PROVIDER_TYPES } from '../core/config.ts';
import { azureFields, bedrockFields, vertexFields } from './cloud-provider-schema.ts';
import { headerSecret, name } from './names.ts';
import { timeLimit, wholeNumber, yesOrNo } from './units.ts';
import { upstreamOverrides } from './upstream-schema.ts';
import { strict, told } from './zod-kit.ts';

/** Set by the gateway itself or by HTTP; a configured value would break the call. */
const RESERVED_HEADERS = new Set(
  'accept-encoding connection content-encoding content-length expect host keep-alive proxy-authorization te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);

export const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~\w-]+$/, told('must be a header name', 'use letters, digits and dashes'))
  .refine(
    (header) => !RESERVED_HEADERS.has(header.toLowerCase()),
    told('is a header that the gateway sets itself', 'remove it'),
  );

export const headerValue = z
  .string()
  .regex(
    /^[\x20-\x7e\t]*$/,
    told('holds a line break or a character outside ASCII', 'check the variable or file that it comes from'),
  );

const common = {
  traceContext: yesOrNo()
    .optional()
    .describe(
      'Whether `traceparent` and `tracestate` of requests that are traced (`telemetry`) go there. Left out: to addresses and names of a private network, not to others.',
    ),
  headers: z.record(headerName, headerValue).prefault({}).describe('Extra request headers.'),
  ...upstreamOverrides,
  maxConnections: wholeNumber(1, 65_535)
    .nullable()
    .prefault(null)
    .describe('Connections to the provider at one time, one for each open request; `null`: no limit.'),
};

const withAddress = {
  ...common,
  allowAddresses: z
    .array(z.string().min(1))
    .prefault([])
    .describe(
      'Link-local or cloud metadata addresses that this provider may be reached at all the same. A metadata host name needs its address beside it.',
    ),
};

const apiKey = headerSecret()
  .nullable()
  .optional()
  .describe("The provider's key. `client` sends the caller's own key; left out or empty: no key is sent.");

const remote = {
  apiKey,
  apiKeys: z
    .array(headerSecret())
    .min(1, told('is empty', 'name at least one key, or remove it'))
    .optional()
    .describe(
      'Several keys instead of `apiKey`, used in turn; one that is limited or refused is left alone for a while. Empty ones do not count.',
    ),
  keyCooldown: strict({
    limited: timeLimit().prefault('30s').describe('After 429 that says no time of its own.'),
    refused: timeLimit()
      .prefault('10m')
      .describe(
        'After 401, 402, 403, and errors of other statuses that say that the key is bad or has nothing left to spend.',
      ),
  })
    .prefault({})
    .describe('How long a key of `apiKeys` is left alone.'),
  ...withAddress,
};

const baseUrl = z
  .string()
  .describe(
    'For `openai` with the version path: `https://api.openai.com/v1`. http or https; no credentials, query or fragment.',
  );

const api = z
  .enum(['chat', 'responses'])
  .prefault('chat')
  .describe(
    'What calls of other protocols are translated to: Chat Completions or Responses. Calls of either go there as they are.',
  );

const openai = strict({
  type: z.literal('openai').describe('`openai`: any server that speaks the OpenAI protocol.'),
  baseUrl: baseUrl.prefault('https://api.openai.com/v1'),
  api,
  ...remote,
});

const compatible = strict({
  type: z
    .enum(COMPATIBLE_TYPES)
    .describe(
      'A vendor that copies the OpenAI protocol: base URL and differences are known ([Providers](../providers.md)).',
    ),
  baseUrl: baseUrl.optional().describe("Left out: the vendor's own."),
  ...remote,
});

const anthropic = strict({
  type: z.literal('anthropic').describe('`anthropic`: any server that speaks the Anthropic protocol.'),
  baseUrl: baseUrl
    .prefault('https://api.anthropic.com')
    .describe('For `anthropic` without the version path: `https://api.anthropic.com`.'),
  ...remote,
});

const azureOpenai = strict({
  type: z.literal('azure-openai').describe('`azure-openai`: models of OpenAI at Azure.'),
  baseUrl: baseUrl.optional().describe('For `azure-openai` that of the resource, without `/openai`.'),
  api,
  ...azureFields,
  ...remote,
});

const googleGemini = strict({
  type: z.literal('google-gemini').describe('`google-gemini`: the Gemini API, with a key.'),
  baseUrl: baseUrl
    .prefault('https://generativelanguage.googleapis.com')
    .describe('For `google-gemini` without the version.'),
  ...remote,
});

const googleVertex = strict({
  type: z.literal('google-vertex').describe('`google-vertex`: Vertex AI, with a service account.'),
  baseUrl: baseUrl.optional().describe('For `google-vertex` left out: that of the location.'),
  ...vertexFields,
  ...withAddress,
});

const awsBedrock = strict({
  type: z.literal('aws-bedrock').describe('`aws-bedrock`: Converse of Amazon Bedrock.'),
  baseUrl: baseUrl.optional().describe('For `aws-bedrock` left out: that of the region.'),
  ...bedrockFields,
  ...remote,
});

const simulator = strict({
  type: z
    .literal('simulator')
    .describe('`simulator`: embedded, no network, no key; the same replies for the same seed.'),
  seed: wholeNumber(0, 2 ** 32 - 1)
    .prefault(1)
    .describe('Simulator: start of the random numbers that replies, delays and errors come from.'),
  profiles: z
    .record(z.string(), z.record(z.string(), z.json()))
    .prefault({})
    .describe('Simulator: how single models behave (delays, error rates, lengths), by model name.'),
  faults: z.array(z.string().min(1)).prefault([]).describe('Simulator: faults to inject, as for `sluice sim --fault`.'),
  ...common,
});

const TYPES = [openai, compatible, anthropic, azureOpenai, googleGemini, googleVertex, awsBedrock, simulator] as const;

/** `providers`: by name. */
export const providers = z.record(
  name(),
  z.discriminatedUnion('type', TYPES, {
    error: told('must have a type', `write one of ${PROVIDER_TYPES.join(', ')}`),
  }),
);

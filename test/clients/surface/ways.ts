import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { startTestGateway, type TestConfig } from '../../support/test-gateway.ts';
import { listening, type BothWays } from './both-ways.ts';
import { startRecordingUpstream, type RecordingUpstream } from './recording-upstream.ts';

export const GATEWAY_KEY = 'sk-sluice-of-the-app';
const PROVIDER_KEY = 'sk-of-the-provider';

/** One vendor, and nobody has to show a key. */
export const OPEN: TestConfig = {};

/** Both vendors, and apps with keys of the gateway. */
export const KEYED: TestConfig = {
  auth: { required: true },
  keys: [{ name: 'app', secret: GATEWAY_KEY }],
};

type Vendor = 'openai' | 'claude';

/** As a user would put it in the place of a vendor. */
function dropIn(vendor: Vendor, { url }: RecordingUpstream, config: TestConfig): TestConfig {
  const openai = { type: 'openai', baseUrl: `${vendor === 'openai' ? url : NOBODY}/v1`, apiKey: PROVIDER_KEY };
  const claude = { type: 'anthropic', baseUrl: vendor === 'claude' ? url : NOBODY, apiKey: PROVIDER_KEY };
  const alone = { [vendor]: vendor === 'openai' ? openai : claude };
  const isAlone = config === OPEN;
  return {
    providers: isAlone ? alone : { openai, claude },
    passthrough: isAlone ? { provider: vendor } : { provider: 'openai', anthropic: 'claude' },
    models: { '*': { provider: vendor } },
    ...config,
  };
}

/** A provider that is configured and not asked. */
const NOBODY = 'http://127.0.0.1:9';

export async function openaiWays(config: TestConfig): Promise<BothWays<OpenAI>> {
  return waysOf('openai', config, (url, fetch) => {
    const key = { apiKey: GATEWAY_KEY, adminAPIKey: GATEWAY_KEY };
    return new OpenAI({ ...key, baseURL: `${url}/v1`, maxRetries: 0, organization: 'org-1', project: 'proj_1', fetch });
  });
}

export async function anthropicWays(config: TestConfig): Promise<BothWays<Anthropic>> {
  return waysOf('claude', config, (url, fetch) => {
    return new Anthropic({ apiKey: GATEWAY_KEY, baseURL: url, maxRetries: 0, fetch });
  });
}

/** @param fetch keeps what comes over the wire */
export async function waysOf<Client extends object>(
  vendor: Vendor,
  config: TestConfig,
  open: (url: string, fetch: typeof globalThis.fetch) => Client,
): Promise<BothWays<Client>> {
  const [plain, behind] = [await startRecordingUpstream(), await startRecordingUpstream()];
  const gateway = await startTestGateway(dropIn(vendor, behind, config));
  const way = (url: string, upstream: RecordingUpstream) => {
    const replies: BothWays<Client>['direct']['replies'] = [];
    return { client: open(url, listening(replies)), upstream, replies };
  };
  return { direct: way(plain.url, plain), through: way(gateway.url, behind) };
}

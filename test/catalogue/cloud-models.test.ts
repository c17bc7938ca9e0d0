import { describe, expect, it } from 'vitest';
import { cloudModel } from '../../src/catalogue/cloud-models.ts';
import type { ProviderConfig } from '../../src/core/config.ts';
import { providerConfig } from '../upstream/support.ts';

const provider = (type: ProviderConfig['type'], baseUrl: string, different: Partial<ProviderConfig> = {}) => ({
  ...providerConfig('p'),
  type,
  baseUrl,
  ...different,
});
const BEDROCK = provider('aws-bedrock', 'https://bedrock-runtime.eu-central-1.amazonaws.com');
const vertex = (location: string, publisher: 'google' | 'anthropic') =>
  provider('google-vertex', `https://${location === 'global' ? '' : `${location}-`}aiplatform.googleapis.com`, {
    vertex: { project: 'p', location, publisher },
  });
const azure = (deployments: Record<string, string> = {}) =>
  provider('azure-openai', 'https://mine.openai.azure.com', { azure: { apiVersion: null, deployments } });
const inputOf = (at: ProviderConfig, model: string) => cloudModel(at, model)?.price.input ?? null;

describe('a model at Bedrock', () => {
  it.each([
    ['global.anthropic.claude-sonnet-4-5-20250929-v1:0', 3],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', 3.3],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 1.1],
    ['eu.anthropic.claude-opus-4-6-v1', 5.5],
    ['apac.anthropic.claude-sonnet-4-20250514-v1:0', 3],
    ['anthropic.claude-3-7-sonnet-20250219-v1:0:200k', 3],
    ['arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0', 1.1],
    ['arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-opus-4-6-v1', 5],
  ])('%s costs its price', (model, price) => {
    expect(inputOf(BEDROCK, model)).toBe(price);
  });

  it.each([
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123',
    'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/anthropic.claude-haiku-4-5-20251001-v1:0',
    'xx.anthropic.claude-haiku-4-5-20251001-v1:0',
    'anthropic.claude-never-v1:0',
    'openai.gpt-oss-120b-1:0',
    'amazon.nova-pro-v1:0',
    'gpt-4o',
    'claude-haiku-4-5',
  ])('%s is not known', (model) => {
    expect(inputOf(BEDROCK, model)).toBeNull();
  });

  it('costs more in all its prices, those of long prompts too', () => {
    expect(cloudModel(BEDROCK, 'eu.anthropic.claude-haiku-5-5-v1:0')?.price).toEqual({
      input: 0.11,
      cachedInput: 0.011,
      cacheWrite: 0.1375,
      longCacheWrite: 0.22,
      output: 0.55,
      longPrompt: {
        above: 100_000,
        input: 0.55,
        cachedInput: 0.055,
        cacheWrite: 0.6875,
        longCacheWrite: 1.1,
        output: 2.75,
      },
    });
    expect(cloudModel(BEDROCK, 'eu.anthropic.claude-haiku-5-5-v1:0')?.facts.maxOutput).toBe(128_000);
  });
});

describe('a model at Vertex', () => {
  it.each([
    ['gemini-2.5-pro', 'global', 1.25],
    ['google/gemini-2.5-flash', 'europe-west4', 0.3],
    ['gemini-3.5-flash', 'global', 1.5],
    ['gemini-3.5-flash', 'europe-west4', null],
    ['gemini-never', 'global', null],
  ])('%s in %s costs %s', (model, location, price) => {
    expect(inputOf(vertex(location, 'google'), model)).toBe(price);
  });

  it.each([
    ['claude-sonnet-4-5@20250929', 'global', 3],
    ['claude-sonnet-4-5@20250929', 'us-east5', 3.3],
    ['claude-opus-4-6@default', 'global', 5],
    ['claude-sonnet-4@20250514', 'us-east5', 3],
    ['claude-haiku-4-5', 'europe-west1', 1.1],
  ])('%s in %s costs %s', (model, location, price) => {
    expect(inputOf(vertex(location, 'anthropic'), model)).toBe(price);
  });
});

describe('a deployment at Azure', () => {
  it('is priced by the model that it is named after, or that its name stands for', () => {
    expect([inputOf(azure(), 'gpt-4o'), inputOf(azure(), 'gpt-35-turbo'), inputOf(azure(), 'prod-4o')]).toEqual([
      2.5,
      0.5,
      null,
    ]);
    const named = azure({ 'gpt-4o': 'prod-4o', 'gpt-4o-mini': 'small', o3: 'small' });
    expect([inputOf(named, 'gpt-4o'), inputOf(named, 'prod-4o')]).toEqual([2.5, 2.5]);
    // Which of the two it is nobody knows.
    expect(inputOf(named, 'small')).toBeNull();
  });
});

describe('a server that only speaks the protocol of a cloud', () => {
  it('has no prices', () => {
    for (const baseUrl of ['http://127.0.0.1:1', 'https://bedrock.example.com', 'https://x.amazonaws.com.example.org'])
      expect(inputOf({ ...BEDROCK, baseUrl }, 'anthropic.claude-haiku-4-5-20251001-v1:0')).toBeNull();
    expect(inputOf(provider('openai', 'https://mine.openai.azure.com'), 'gpt-4o')).toBeNull();
  });
});

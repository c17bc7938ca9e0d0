import { describe, expect, it } from 'vitest';
import { load, problemsOf } from './load-text.ts';

const provider = (baseUrl: string, more = '') =>
  `providers:\n  p: { type: openai, baseUrl: ${JSON.stringify(baseUrl)}${more} }`;

describe('a base URL', () => {
  it.each([
    ['https://api.example.com/v1/', 'https://api.example.com/v1'],
    ['http://LOCALHOST:11434', 'http://localhost:11434'],
    ['http://127.0.0.1:8089/v1', 'http://127.0.0.1:8089/v1'],
    ['http://10.0.0.7', 'http://10.0.0.7'],
    ['http://[::1]:8089', 'http://[::1]:8089'],
    ['https://h:443/a//', 'https://h/a'],
  ])('%s is kept as %s', (given, kept) => {
    expect(load(provider(given)).config.providers[0]!.baseUrl).toBe(kept);
  });

  it.each([
    ['api.example.com/v1', 'must be a URL'],
    ['', 'must be a URL'],
    ['ftp://h/v1', 'must be a URL'],
    ['file:///etc/passwd', 'must be a URL'],
    ['https://user:pass@h/v1', 'holds credentials'],
    ['https://user@h/v1', 'holds credentials'],
    ['https://h/v1?a=b', 'holds a query'],
    ['https://h/v1?', 'holds a query'],
    ['https://h/v1#a', 'holds a query or a fragment'],
    ['http://169.254.169.254/latest', 'leads to a cloud metadata address'],
    ['http://2852039166/', 'leads to a cloud metadata address'],
    ['http://0xa9fea9fe/', 'leads to a cloud metadata address'],
    ['http://0251.0376.0251.0376/', 'leads to a cloud metadata address'],
    ['http://169.254.43518/', 'leads to a cloud metadata address'],
    ['http://169.254.169.254./', 'leads to a cloud metadata address'],
    ['http://[::ffff:169.254.169.254]/', 'leads to a cloud metadata address'],
    ['http://[fd00:ec2::254]/', 'leads to a cloud metadata address'],
    ['http://100.100.100.200/', 'leads to a cloud metadata address'],
    ['http://168.63.129.16/', 'leads to a cloud metadata address'],
    ['http://169.254.1.1/', 'leads to a link-local address'],
    ['http://[fe80::1]/', 'leads to a link-local address'],
    ['http://metadata.google.internal/', 'leads to a cloud metadata host'],
    ['http://METADATA.google.internal./', 'leads to a cloud metadata host'],
    ['http://metadata.goog/', 'leads to a cloud metadata host'],
  ])('%s is refused at its place: it %s', (given, message) => {
    const [problem, ...others] = problemsOf(provider(given));
    expect(others).toEqual([]);
    expect([problem!.line, problem!.column, problem!.path]).toEqual([2, 31, 'providers.p.baseUrl']);
    expect(problem!.message).toContain(message);
  });

  it.each([
    ['http://169.254.169.254/', '169.254.169.254'],
    ['http://[::ffff:169.254.169.254]/', '169.254.169.254'],
    ['http://[fe80::1]/', 'FE80::1'],
    ['http://metadata.google.internal/', 'metadata.google.internal'],
  ])('%s is accepted where allowAddresses lists %s', (given, allowed) => {
    const { config } = load(provider(given, `, allowAddresses: ["${allowed}"]`));
    expect(config.providers[0]!.allowAddresses).toEqual([allowed.toLowerCase()]);
  });
});

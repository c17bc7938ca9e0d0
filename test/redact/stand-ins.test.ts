import { expect, it } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, SECRET } from './support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);
const findings = (text: string): number => redactor.redactText(text, 'request').findings.length;
const password = (...parts: string[]): string => `{"password":"${parts.join('')}"}`;

it.each([
  password('$up3r', 'S3cret'),
  password('Example', '#2024pass'),
  password('Sample-', '9f8A!kk2'),
  password('TODO-', 'Xk29fjQ'),
  password('<Tr0ub', '4dor&3>'),
  password('[Passw', '0rd!]'),
  `api_key=${['sample_', '9f8A1kk2Zq81LmP0xxYY'].join('')}`,
  `password=${['placeholder', 'Xk29!'].join('')}`,
  `password=${['YOUR_PASSWORD_IS_', 'Xk29fj'].join('')}`,
])('a password that holds the word for a stand-in, or begins like a variable, is one: %s', (text) => {
  expect(findings(text)).toBe(1);
});

it.each([
  password('<oauth2Token>'),
  password('$DB_PASSWORD2'),
  password('example-token-12345'),
  password('fake-token-abc123def456'),
  password('<your-k8s-secret>'),
  password('[your password here!]'),
])('what stands for a value is none: %s', (text) => {
  expect(findings(text)).toBe(0);
});

import { expect, test } from 'vitest';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestConfig } from '../support/test-gateway.ts';

const SIMULATED: TestConfig = {
  providers: { sim: { type: 'simulator' } },
  models: { m: { target: 'sim/m' } },
};

test('a change by the API is told before and after, under one id', async () => {
  const gateway = await startTestGateway(SIMULATED);
  await gateway.admin('POST', '/api/v1/config/reload', {});
  const { body } = await gateway.admin('GET', '/api/v1/audit');
  console.log(JSON.stringify(body, null, 1));
  console.log(JSON.stringify((await gateway.admin('GET', '/api/v1/audit/verify')).body));
});

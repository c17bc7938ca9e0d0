/** Load by autocannon, where wrk is missing. Argument: LoadOptions as JSON; prints a LoadResult. */
import autocannon from 'autocannon';
import type { LoadOptions, LoadResult } from './load.ts';

const { url, headers, body, connections, seconds } = JSON.parse(process.argv[2]!) as LoadOptions;
const done = await autocannon({ url, method: 'POST', headers: { ...headers }, body, connections, duration: seconds });
const result: LoadResult = {
  requests: done.requests.total,
  seconds: done.duration,
  errors: done.errors + done.non2xx,
  p50Micros: done.latency.p50 * 1000,
  p99Micros: done.latency.p99 * 1000,
};
console.log(JSON.stringify(result));

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadOptions, LoadResult } from './load.ts';
import { lastMessage } from './processes.ts';
import { scratchFolder } from './scratch.ts';

/** Runs wrk and returns what its `done` hook prints. @source https://github.com/wg/wrk/blob/master/SCRIPTING */
export function runWrk(options: LoadOptions, core: number | null): Promise<LoadResult> {
  const script = join(scratchFolder('wrk'), 'post.lua');
  writeFileSync(script, toScript(options));
  const { connections, seconds, url } = options;
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url];
  return lastMessage<LoadResult>({ name: 'wrk', core, program: 'wrk', args });
}

function toScript({ headers, body }: LoadOptions): string {
  // Spaces around the name: `[[` would open another kind of string.
  const headerLines = Object.entries(headers).map(([name, value]) => `wrk.headers[ ${quote(name)} ] = ${quote(value)}`);
  return `
wrk.method = "POST"
wrk.body = ${quote(body)}
${headerLines.join('\n')}
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"errors":%d,"p50Micros":%d,"p99Micros":%d}\\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`;
}

/** A Lua long string: nothing inside is special but its own end, which JSON and header values do not hold. */
function quote(text: string): string {
  return `[==[${text}]==]`;
}

import { parentPort } from 'node:worker_threads';
import { judge } from '../redact/aside/judge.ts';
import type { Job } from '../redact/aside/job.ts';

/** The thread that judges large documents: one job at a time. */
parentPort!.on('message', (job: Job) => {
  const answer = judge(job);
  const text = answer.kind === 'verdict' ? answer.text : null;
  parentPort!.postMessage(answer, text === null ? [] : [text.bytes.buffer]);
});

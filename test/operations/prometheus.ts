import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { startPrometheus, type InstalledPrometheus } from '../../scripts/prometheus-server.ts';
import type { LiveGateway } from './world-process.ts';

export const RULES = fileURLToPath(new URL('../../helm/sluice/rules/sluice.yaml', import.meta.url));

export interface Target {
  readonly job: string;
  /** Host and port; null: nothing listens there. */
  readonly gateway: LiveGateway | null;
  /** As in Kubernetes; elsewhere there is none. */
  readonly namespace?: string;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Unix time and value. */
  readonly values: readonly (readonly [number, string])[];
}

/** Asks a Prometheus about the time since it began. */
export class Recorded {
  private readonly url: string;
  private readonly began = Date.now() / 1000;

  constructor(url: string) {
    this.url = url;
  }

  /** At each second. @throws Error where the query is not valid */
  async range(query: string): Promise<readonly Series[]> {
    const times = { start: String(this.began), end: String(Date.now() / 1000), step: '1' };
    const { result } = await this.ask<{ result: readonly Series[] }>('query_range', { query, ...times });
    return result;
  }

  /** As it was scraped; of histograms the buckets that rules name. */
  async raw(name: string): Promise<readonly Series[]> {
    const query = `${name.endsWith('_bucket') ? `${name}{le=~"5|0.05"}` : name}[5m]`;
    const { result } = await this.ask<{ result: readonly Series[] }>('query', { query });
    return result;
  }

  labelValues(label: string, of: string): Promise<readonly string[]> {
    return this.ask<readonly string[]>(`label/${label}/values`, { 'match[]': of });
  }

  exemplars(query: string): Promise<readonly ExemplarSeries[]> {
    return this.ask('query_exemplars', { query, start: String(this.began), end: String(Date.now() / 1000) });
  }

  alerts(): Promise<{ alerts: readonly ActiveAlert[] }> {
    return this.ask('alerts', {});
  }

  private async ask<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const body = new URLSearchParams(parameters);
    const reply = await fetch(`${this.url}/api/v1/${path}?${body.toString()}`);
    const { data, error } = (await reply.json()) as { data: T; error?: string };
    if (error !== undefined) throw new Error(`${parameters['query'] ?? path}: ${error}`);
    return data;
  }
}

interface ExemplarSeries {
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** Scrapes and judges each second. */
export async function startRecording(
  opened: AsyncDisposableStack,
  installed: InstalledPrometheus,
  folder: string,
  targets: readonly Target[],
): Promise<Recorded> {
  const file = join(folder, 'prometheus.yaml');
  const scrape_configs = targets.map(({ job, gateway, namespace }) => ({
    job_name: job,
    static_configs: [
      {
        targets: [gateway === null ? '127.0.0.1:1' : new URL(gateway.adminUrl).host],
        labels: namespace === undefined ? {} : { namespace },
      },
    ],
  }));
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  writeFileSync(file, stringify({ global, rule_files: [RULES], scrape_configs }));
  const running = await startPrometheus(installed, file);
  opened.defer(() => running.stop());
  return new Recorded(running.url);
}

/** What all commands of a cluster share: where Redis is, and what this program's version is. */
import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { integer } from './options.js';

export interface ClusterSettings {
  readonly redis?: string;
  readonly cluster?: string;
  readonly blobs?: string;
  readonly queueGames?: number;
}

export const ENVIRONMENT = `
The environment says what the command line must not: LUDUS_REDIS_PASSWORD (or LUDUS_REDIS_PASSWORD_FILE, a file that holds
it), LUDUS_REDIS_USERNAME, and for rediss:// LUDUS_REDIS_CA, LUDUS_REDIS_CERT, LUDUS_REDIS_KEY (files). See docs/scaling.md.`;

export const redisOption = (help: string): Option => new Option('--redis <url>', help);
export const clusterOption = (): Option => new Option('--cluster <name>', 'name of the cluster, where several share a Redis').default('ludus');

/** Of a coordinator. */
export const coordinatorOptions = (): Option[] => [
  redisOption('let workers on other machines play (`ludus worker`), by this Redis: redis://HOST:PORT'),
  clusterOption(),
  new Option('--blobs <where>', 'with --redis: where networks lie for the workers: redis, a folder that all mount, or http:PORT').default('redis'),
  new Option('--queue-games <n>', 'with --redis: most games asked for and not yet stored (default 20000)').argParser(integer(1)),
];

export const packageVersion = (): string => (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

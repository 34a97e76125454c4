/** deploy/: shapes, references and command lines, as far as they can be checked without a container engine. */
import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { parseAllDocuments, parse } from 'yaml';
import { z } from 'zod';
import { redisAddress } from '#selfplay/cluster';
import { createProgram } from './program.js';

const read = (name: string): string => readFileSync(`deploy/${name}`, 'utf8');

/** Parses a command line as `ludus` would, and runs nothing. */
function parses(args: readonly string[]): Record<string, unknown> {
  const program = createProgram('0.0.0');
  program.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  let options: Record<string, unknown> | undefined;
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    command.action(() => {
      options = command.opts();
    });
    command.commands.forEach(quiet);
  };
  program.commands.forEach(quiet);
  program.parse(['node', 'ludus', ...args]);
  if (options === undefined) throw new Error(`ludus ${args.join(' ')} calls nothing`);
  return options;
}

test('a command line that the program does not know would be found', () => {
  expect(() => parses(['worker', '--redys', 'x'])).toThrow(/--redys/);
  expect(() => parses(['no-such-command'])).toThrow();
  expect(parses(['worker', '--actors', '3'])).toMatchObject({ actors: 3 });
});

const text = z.string().min(1);
const duration = z.string().regex(/^\d+(s|m)$/);
const composeSchema = z.strictObject({
  name: text,
  services: z.record(z.string(), z.strictObject({
    image: text,
    user: z.literal('redis').optional(),
    build: z.strictObject({ context: text, dockerfile: text }).optional(),
    command: z.array(text),
    environment: z.record(z.string(), text),
    ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
    volumes: z.array(z.string().regex(/^[a-z]+:\/[a-z]+$/)).optional(),
    depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
    healthcheck: z.strictObject({ test: z.array(text), interval: duration, timeout: duration, retries: z.int() }).optional(),
    deploy: z.strictObject({ replicas: z.int().min(1) }).optional(),
    stop_signal: z.literal('SIGINT').optional(),
    stop_grace_period: duration.optional(),
    restart: z.literal('unless-stopped'),
  })),
  volumes: z.record(z.string(), z.null()),
});

const redisCommand = (words: readonly string[]): void => {
  expect(words.slice(0, 2)).toEqual(['sh', '-c']);
  for (const part of ['--appendonly yes', '--maxmemory-policy noeviction', '--maxmemory ', 'requirepass']) expect(words[2]).toContain(part);
  // By the standard input: an option would be seen by `ps`.
  expect(words[2]).not.toContain('--requirepass');
};

test('compose.yaml', () => {
  const { services, volumes } = composeSchema.parse(parse(read('compose.yaml')));
  expect(Object.keys(services)).toEqual(['redis', 'coordinator', 'worker']);
  redisCommand(services.redis.command);
  for (const [name, service] of Object.entries(services)) {
    for (const mount of service.volumes ?? []) expect(Object.keys(volumes), name).toContain(mount.split(':')[0]);
    for (const other of Object.keys(service.depends_on ?? {})) expect(services[other]?.healthcheck, `${name} waits for ${other}`).toBeDefined();
    expect(service.environment.LUDUS_REDIS_PASSWORD).toMatch(/^\$\{LUDUS_REDIS_PASSWORD:\?/);
    if (service.image !== 'ludus') continue;
    const options = parses(service.command);
    expect(redisAddress(options.redis as string, {}).options).toEqual({ host: 'redis', port: 6379 });
  }
  const { build, command, ports } = services.coordinator;
  expect(existsSync(`deploy/${build?.context}/${build?.dockerfile}`)).toBe(true);
  const { port, host, run } = parses(command);
  expect(ports).toEqual([`127.0.0.1:${String(port)}:${String(port)}`]);
  expect(host).toBe('0.0.0.0');
  expect(run).toMatch(/^\/data\//);
  expect(read('.env.example')).toMatch(/^LUDUS_REDIS_PASSWORD=$/m);
});

const labels = z.record(z.string(), text);
const name = z.string().regex(/^[a-z][a-z0-9-]*$/);
const named = z.strictObject({ name });
const resources = z.strictObject({ requests: z.strictObject({ cpu: z.string().regex(/^\d+$/), memory: z.string().regex(/^\d+[MG]i$/) }), limits: z.strictObject({ memory: z.string().regex(/^\d+[MG]i$/) }) });
const port = z.union([name, z.int()]);
const podSchema = z.strictObject({
  metadata: z.strictObject({ labels }),
  spec: z.strictObject({
    automountServiceAccountToken: z.literal(false),
    terminationGracePeriodSeconds: z.int().optional(),
    securityContext: z.strictObject({ runAsNonRoot: z.literal(true), runAsUser: z.int().min(1), fsGroup: z.int().optional() }),
    containers: z.tuple([z.strictObject({
      name, image: text, command: z.array(text).optional(), args: z.array(text).optional(),
      env: z.array(z.strictObject({ name: z.string().regex(/^[A-Z_]+$/), valueFrom: z.strictObject({ secretKeyRef: z.strictObject({ name, key: text }) }) })),
      ports: z.array(z.strictObject({ name, containerPort: z.int() })).optional(),
      readinessProbe: z.union([z.strictObject({ tcpSocket: z.strictObject({ port }) }), z.strictObject({ httpGet: z.strictObject({ path: text, port }) })]).optional(),
      resources, volumeMounts: z.array(z.strictObject({ name, mountPath: text })),
      securityContext: z.strictObject({ readOnlyRootFilesystem: z.literal(true), allowPrivilegeEscalation: z.literal(false) }).optional(),
    })]),
    volumes: z.array(z.strictObject({ name, emptyDir: z.strictObject({}) })).optional(),
  }),
});
const claims = z.array(z.strictObject({ metadata: named, spec: z.strictObject({ accessModes: z.array(z.literal('ReadWriteOnce')), resources: z.strictObject({ requests: z.strictObject({ storage: z.string().regex(/^\d+Gi$/) }) }) }) }));
const selector = z.strictObject({ matchLabels: labels });
const manifestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ apiVersion: z.literal('v1'), kind: z.literal('Service'), metadata: named, spec: z.strictObject({ clusterIP: z.literal('None').optional(), selector: labels, ports: z.array(z.strictObject({ name, port: z.int(), targetPort: port })) }) }),
  z.strictObject({ apiVersion: z.literal('v1'), kind: z.literal('Secret'), metadata: named, type: z.literal('Opaque'), stringData: z.strictObject({ password: z.literal('') }) }),
  z.strictObject({ apiVersion: z.literal('apps/v1'), kind: z.literal('StatefulSet'), metadata: named, spec: z.strictObject({ serviceName: name, replicas: z.literal(1), selector, template: podSchema, volumeClaimTemplates: claims }) }),
  z.strictObject({ apiVersion: z.literal('apps/v1'), kind: z.literal('Deployment'), metadata: named, spec: z.strictObject({ replicas: z.int().min(1), selector, strategy: z.strictObject({ rollingUpdate: z.strictObject({ maxUnavailable: text, maxSurge: z.int() }) }), template: podSchema }) }),
]);

test('Kubernetes manifests', () => {
  const files = ['secret.example.yaml', 'redis.yaml', 'coordinator.yaml', 'workers.yaml'];
  const objects = files.flatMap((file) => parseAllDocuments(read(`kubernetes/${file}`)).map((document) => {
    expect(document.errors, file).toEqual([]);
    return manifestSchema.parse(document.toJS());
  }));
  const services = objects.flatMap((object) => (object.kind === 'Service' ? [object] : []));
  const secrets = objects.flatMap((object) => (object.kind === 'Secret' ? [object] : []));
  const sets = objects.flatMap((object) => (object.kind === 'StatefulSet' || object.kind === 'Deployment' ? [object] : []));
  expect(sets.map((set) => set.metadata.name)).toEqual(['ludus-redis', 'ludus-coordinator', 'ludus-worker']);
  for (const { kind, spec, metadata } of sets) {
    const [container] = spec.template.spec.containers;
    expect(spec.template.metadata.labels, metadata.name).toEqual(spec.selector.matchLabels);
    const volumes = [...(spec.template.spec.volumes ?? []).map((volume) => volume.name), ...(kind === 'StatefulSet' ? spec.volumeClaimTemplates.map((claim) => claim.metadata.name) : [])];
    expect(container.volumeMounts.map((mount) => mount.name), metadata.name).toEqual(volumes);
    for (const { name: variable, valueFrom } of container.env) {
      expect(variable).toBe('LUDUS_REDIS_PASSWORD');
      expect(secrets.some((secret) => secret.metadata.name === valueFrom.secretKeyRef.name && valueFrom.secretKeyRef.key in secret.stringData)).toBe(true);
    }
    if (kind === 'StatefulSet') expect(services.map((service) => service.metadata.name)).toContain(spec.serviceName);
    if (container.image !== 'ludus') {
      redisCommand(container.command ?? []);
      continue;
    }
    const options = parses(container.args ?? []);
    const { host, port: redisPort } = redisAddress(options.redis as string, {}).options;
    const service = services.find((one) => one.metadata.name === host);
    expect(service?.spec.ports[0].port).toBe(redisPort);
    if (options.actors !== undefined) expect(container.resources.requests.cpu).toBe(String(options.actors));
    if (options.port !== undefined) expect(container.ports?.[0].containerPort).toBe(options.port);
    if (typeof options.run === 'string') expect(container.volumeMounts.some((mount) => (options.run as string).startsWith(`${mount.mountPath}/`))).toBe(true);
  }
  // Each service reaches a pod that opens the port.
  for (const service of services) {
    const set = sets.find((one) => JSON.stringify(one.spec.template.metadata.labels) === JSON.stringify(service.spec.selector));
    expect(set?.spec.template.spec.containers[0].ports?.map((one) => one.name)).toEqual(service.spec.ports.map((one) => one.targetPort));
  }
});

test('Dockerfile: what it copies is there, what it starts is the program', () => {
  const lines = read('Dockerfile').split('\n');
  const { bin, engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: { ludus: string }; engines: { node: string } };
  const base = lines.filter((line) => line.startsWith('FROM')).map((line) => Number(/node:(\d+)/.exec(line)?.[1]));
  const least = Number(/(\d+)/.exec(engines.node)?.[1]);
  expect(base.length).toBe(2);
  for (const major of base) expect(major).toBeGreaterThan(least);
  const entry = JSON.parse(lines.find((line) => line.startsWith('ENTRYPOINT'))?.slice('ENTRYPOINT'.length) ?? '[]') as string[];
  expect(entry).toEqual(['node', `/app/${bin.ludus.replace('./', '')}`]);
  const copied = lines.flatMap((line) => /^COPY (?!--from)(.*) \.\/?$/.exec(line)?.[1].split(' ') ?? []);
  for (const path of copied) expect(existsSync(path), path).toBe(true);
  expect(lines.some((line) => line === 'USER node')).toBe(true);
});

/** The page, the networks that it may play itself, and two answers for machines, behind a strict content policy; and who may speak to this server at all. */
import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join, resolve } from 'node:path';
import express, { type ErrorRequestHandler, type Express } from 'express';
import helmet from 'helmet';
import type { Registry } from 'prom-client';
import { CLUSTER_PATH, type ClusterView } from '#arena/protocol';

export interface Gate {
  /** The request names this server, so that no foreign name that resolves here (DNS rebinding) is answered. */
  hostAllowed(request: IncomingMessage): boolean;
  /** A socket's page came from this server; programs that are no browsers send no origin. */
  originAllowed(request: IncomingMessage): boolean;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || host === '::1';
}

/**
 * `host`: what the server was bound to; `names`: what it is called from outside, behind a proxy. Bound to every address
 * without a name, it answers to any, since it cannot know its own.
 */
export function createGate(host: string, names: readonly string[] = []): Gate {
  const everywhere = (host === '0.0.0.0' || host === '::') && names.length === 0;
  const allowed = (authority: string | undefined): boolean => {
    const name = authority === undefined ? undefined : hostname(`http://${authority}`);
    return name !== undefined && (everywhere || LOOPBACK.has(name) || name === host || name === `[${host}]` || names.includes(name));
  };
  return {
    hostAllowed: (request) => allowed(request.headers.host),
    originAllowed: (request) => {
      const { origin, host: authority } = request.headers;
      return origin === undefined || origin === `http://${authority}` || origin === `https://${authority}`;
    },
  };
}

function hostname(address: string): string | undefined {
  try {
    return new URL(address).hostname;
  } catch {
    return undefined;
  }
}

export interface AppParts {
  /** The built page. */
  readonly webRoot: string;
  readonly gate: Gate;
  readonly health: () => Record<string, unknown>;
  /** Prometheus text, for those who may. */
  readonly metrics: { readonly registry: Registry; readonly allows: (request: IncomingMessage) => boolean };
  /** Folder of an agent's network. */
  readonly folderOf: (agent: string) => string | undefined;
  /** Of the cluster that this server's run is played by; null without one. */
  readonly cluster: () => Promise<ClusterView | null>;
  readonly onFault: (error: unknown) => void;
}

/** Of a network's folder: nothing else is given away. */
const MODEL_FILES = new Set(['model.onnx', 'dynamics.onnx', 'checkpoint.json']);

export function createApp({ webRoot: root, gate, health, metrics, folderOf, cluster, onFault }: AppParts): Express {
  const webRoot = resolve(root);
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    if (gate.hostAllowed(request)) next();
    else response.status(421).type('text').send('this server does not go by that name\n');
  });
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"], scriptSrc: ["'self'", "'wasm-unsafe-eval'"], styleSrc: ["'self'"], imgSrc: ["'self'", 'data:'], fontSrc: ["'self'"],
          connectSrc: ["'self'"], workerSrc: ["'self'"], objectSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"],
        },
      },
      strictTransportSecurity: false, // it speaks plain HTTP on the loopback
      referrerPolicy: { policy: 'no-referrer' },
    }),
  );
  app.get('/healthz', (_request, response) => void response.set('cache-control', 'no-store').json({ status: 'ok', ...health() }));
  app.get(CLUSTER_PATH, (_request, response) => {
    cluster().then(
      (view) => response.set('cache-control', 'no-store').json(view),
      () => response.status(503).type('text').send('Redis does not answer\n'),
    );
  });
  app.get('/metrics', (request, response, next) => {
    if (!metrics.allows(request)) return void response.status(401).set('www-authenticate', 'Bearer').type('text').send('the admin token is needed: Authorization: Bearer TOKEN\n');
    metrics.registry.metrics().then((text) => response.set('cache-control', 'no-store').type(metrics.registry.contentType).send(text), next);
  });
  app.get('/models/:agent/:file', (request, response, next) => {
    const { agent, file } = request.params;
    const folder = MODEL_FILES.has(file) ? folderOf(agent) : undefined;
    if (folder === undefined) return void response.status(404).type('text').send('not found\n');
    response.set('cache-control', 'no-cache').sendFile(file, { root: resolve(folder), dotfiles: 'allow' }, (error) => {
      if (error !== undefined && !response.headersSent) next(error);
    });
  });
  // Vite names assets by their content; the page itself must be asked for anew.
  app.use('/assets', express.static(join(webRoot, 'assets'), { immutable: true, maxAge: '1y', index: false }), (_request, response) => void response.status(404).type('text').send('not found\n'));
  app.use(express.static(webRoot, { index: false, maxAge: 0 }));
  app.get('/{*path}', (request, response) => {
    const page = join(webRoot, 'index.html');
    if (!existsSync(page)) response.status(503).type('text').send('the page is not built: run `npm run build`\n');
    else if (request.accepts('html')) response.set('cache-control', 'no-cache').sendFile(page);
    else response.status(404).type('text').send('not found\n');
  });
  app.use((_request, response) => void response.status(404).type('text').send('not found\n'));
  const onError: ErrorRequestHandler = (error, _request, response, _next) => {
    const status: unknown = error?.status;
    const theirs = typeof status === 'number' && status >= 400 && status < 500;
    if (!theirs) onFault(error);
    response.status(theirs ? status : 500).type('text').send('that did not work\n');
  };
  app.use(onError);
  return app;
}

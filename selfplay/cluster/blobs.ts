/**
 * Networks on their way to workers: bytes named by their SHA-256, so that what arrives is either exactly what was sent or
 * refused. They lie in Redis, in a folder that all machines mount, or behind the coordinator's own HTTP.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { Redis } from 'ioredis';
import { UserError } from '#engine';
import { makeFolder, replaceFile } from '../files.js';
import type { Keys } from './keys.js';
import type { BlobReference } from './messages.js';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Where a coordinator puts its networks. */
export interface BlobPlace {
  put(bytes: Uint8Array): Promise<BlobReference>;
  remove(sha256: string): Promise<void>;
  close(): Promise<void>;
}

/** A blob whose coordinator is gone for good vanishes after this [s]. */
const LIFE_SECONDS = 7 * 24 * 3600;

function redisPlace(redis: Redis, keys: Keys): BlobPlace {
  return {
    async put(bytes) {
      const hash = sha256(bytes);
      await redis.set(keys.blob(hash), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'EX', LIFE_SECONDS);
      return { sha256: hash, bytes: bytes.length, place: { kind: 'redis' } };
    },
    async remove(hash) {
      await redis.del(keys.blob(hash));
    },
    close: () => Promise.resolve(),
  };
}

function folderPlace(path: string): BlobPlace {
  const folder = resolve(path);
  makeFolder(folder);
  return {
    put(bytes) {
      const hash = sha256(bytes);
      replaceFile(join(folder, hash), bytes);
      return Promise.resolve({ sha256: hash, bytes: bytes.length, place: { kind: 'folder', folder } });
    },
    remove(hash) {
      rmSync(join(folder, hash), { force: true });
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

/** Serves GET /blobs/SHA256 to those who know the token, which travels by Redis. */
async function httpPlace(port: number, host: string): Promise<BlobPlace> {
  const token = randomBytes(18).toString('base64url');
  const expected = Buffer.from(`Bearer ${token}`);
  const blobs = new Map<string, Uint8Array>();
  const server: Server = createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    const blob = blobs.get(/^\/blobs\/([0-9a-f]{64})$/.exec(request.url ?? '')?.[1] ?? '');
    const refuse = (status: number): void => void response.writeHead(status).end();
    if (request.method !== 'GET') refuse(405);
    else if (given.length !== expected.length || !timingSafeEqual(given, expected)) refuse(401);
    else if (blob === undefined) refuse(404);
    else response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': blob.length }).end(blob);
  });
  await new Promise<void>((listening, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new UserError('environment', error.code === 'EADDRINUSE' ? `port ${port} is in use: choose another with --blobs http:PORT` : `cannot serve networks on port ${port}: ${error.message}`)));
    server.listen(port, () => listening());
  });
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    put(bytes) {
      const hash = sha256(bytes);
      blobs.set(hash, bytes);
      return Promise.resolve({ sha256: hash, bytes: bytes.length, place: { kind: 'http', url, token } });
    },
    remove(hash) {
      blobs.delete(hash);
      return Promise.resolve();
    },
    close: () => new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    }),
  };
}

/** `redis`, `http:PORT`, `http:HOST:PORT` (the name by which workers find this machine), or a folder. */
export async function openPlace(text: string, redis: Redis, keys: Keys): Promise<BlobPlace> {
  if (text === 'redis') return redisPlace(redis, keys);
  const http = /^http:(?:([\w.-]+):)?(\d{1,5})$/.exec(text);
  if (http !== null && Number(http[2]) <= 65535) return httpPlace(Number(http[2]), http[1] ?? hostname());
  if (/^https?:/.test(text)) throw new UserError('usage', `--blobs ${text}: write http:PORT or http:HOST:PORT, the name by which workers find this machine`);
  return folderPlace(text);
}

export interface FetchOptions {
  readonly redis: Redis;
  readonly keys: Keys;
  /** Where a shared folder lies on this machine, if elsewhere than on the coordinator's. */
  readonly folder?: string;
}

/** How long the coordinator's HTTP may take [ms]. */
const HTTP_MILLIS = 60_000;

/**
 * The bytes, exactly: their number is checked before they are read, their hash afterwards. undefined when they are there
 * no more, because newer ones have taken their place. Throws UserError('data') for other bytes than were announced.
 */
export async function fetchBlob(reference: BlobReference, options: FetchOptions): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = await read(reference, options);
  if (bytes === undefined) return undefined;
  if (bytes.length !== reference.bytes) throw size(reference, bytes.length);
  if (sha256(bytes) !== reference.sha256) throw new UserError('data', `the network ${reference.sha256.slice(0, 12)} came with another hash: it was changed on its way`);
  return Uint8Array.from(bytes);
}

const size = (reference: BlobReference, bytes: number): UserError => new UserError('data', `the network ${reference.sha256.slice(0, 12)} has ${bytes} of ${reference.bytes} bytes`);

async function read(reference: BlobReference, { redis, keys, folder }: FetchOptions): Promise<Uint8Array | undefined> {
  const { place } = reference;
  switch (place.kind) {
    case 'redis': {
      const key = keys.blob(reference.sha256);
      const length = await redis.strlen(key);
      if (length === 0) return undefined;
      if (length !== reference.bytes) throw size(reference, length);
      return (await redis.getBuffer(key)) ?? undefined;
    }
    case 'folder': {
      const file = join(folder ?? place.folder, reference.sha256);
      if (!existsSync(folder ?? place.folder)) throw new UserError('environment', `the networks lie in ${folder ?? place.folder}, which this machine does not have: mount it, or say where it is with --blobs DIR`);
      if (!existsSync(file)) return undefined;
      const handle = openSync(file, 'r');
      try {
        const { size: length } = fstatSync(handle);
        if (length !== reference.bytes) throw size(reference, length);
        return readFileSync(handle);
      } finally {
        closeSync(handle);
      }
    }
    case 'http':
      return readHttp(reference, `${place.url}/blobs/${reference.sha256}`, place.token);
    default:
      return place satisfies never;
  }
}

async function readHttp(reference: BlobReference, url: string, token: string): Promise<Uint8Array | undefined> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, redirect: 'error', signal: AbortSignal.timeout(HTTP_MILLIS) });
  } catch (error) {
    const cause = (error as Error).cause;
    throw new UserError('environment', `cannot fetch the network from the coordinator at ${new URL(url).host}: ${cause instanceof Error ? cause.message : (error as Error).message}; can this machine reach it? --blobs http:HOST:PORT of the coordinator names it`);
  }
  if (response.status === 404) return undefined;
  if (!response.ok || response.body === null) throw new UserError('environment', `the coordinator at ${new URL(url).host} answers ${response.status} instead of the network`);
  const announced = Number(response.headers.get('content-length'));
  if (announced !== reference.bytes) throw size(reference, announced);
  const out = new Uint8Array(reference.bytes);
  let at = 0;
  for await (const chunk of response.body) {
    if (at + chunk.length > out.length) throw size(reference, at + chunk.length);
    out.set(chunk, at);
    at += chunk.length;
  }
  return out.subarray(0, at);
}

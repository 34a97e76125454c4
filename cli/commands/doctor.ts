/** `ludus doctor`: what this machine has of what Ludus can use, and what to do about the rest. */
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { availableDevices } from '#engine/node';
import { count, printResult } from '../output.js';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** Whether Ludus works without it. */
  readonly optional: boolean;
  readonly detail: string;
}

function nodeVersion(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { what: 'Node', ok, optional: false, detail: ok ? process.versions.node : `${process.versions.node} is too old: install Node 20.19 or newer` };
}

async function devices(): Promise<Finding[]> {
  return (await availableDevices()).map((device) => ({
    what: `device ${device.device}`,
    ok: device.available,
    optional: device.device !== 'cpu',
    detail: device.detail,
  }));
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync('.');
  const gigabytes = (bavail * bsize) / 1e9;
  return { what: 'disk', ok: gigabytes > 1, optional: false, detail: `${gigabytes.toFixed(1)} GB free here${gigabytes > 1 ? '' : ': a run needs about 1 GB'}` };
}

function writable(): Finding {
  const probe = join('runs', `.doctor-${process.pid}`);
  const had = existsSync('runs');
  try {
    mkdirSync('runs', { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe);
    if (!had) rmSync('runs', { recursive: true });
    return { what: 'runs/', ok: true, optional: false, detail: 'can be written' };
  } catch (error) {
    return { what: 'runs/', ok: false, optional: false, detail: `cannot be written (${(error as Error).message}): start Ludus elsewhere or give --run DIR` };
  }
}

function port(number: number): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve({ what: `port ${number}`, ok: false, optional: true, detail: 'in use, perhaps by Ludus itself: --port N takes another' }));
    server.listen(number, '127.0.0.1', () => server.close(() => resolve({ what: `port ${number}`, ok: true, optional: true, detail: 'free' })));
  });
}

/** The optional peers for the eager path: looked for, not loaded. */
function backend(name: string): Finding {
  let present = false;
  try {
    present = existsSync(new URL(import.meta.resolve(name)));
  } catch {
    // not resolvable: not installed
  }
  return { what: name, ok: present, optional: true, detail: present ? 'installed' : `not installed; only for the eager path: npm install ${name}@4.22.0` };
}

export async function doctor(options: { json?: boolean }): Promise<void> {
  const cores = availableParallelism();
  const gigabytes = totalmem() / 1e9;
  const findings: Finding[] = [
    nodeVersion(),
    { what: 'processor', ok: true, optional: false, detail: `${count(cores)} core${cores === 1 ? '' : 's'}: self-play and learning share them` },
    { what: 'memory', ok: gigabytes >= 2, optional: false, detail: `${gigabytes.toFixed(1)} GB${gigabytes >= 2 ? '' : ': a run wants 2 GB'}` },
    disk(),
    writable(),
    await port(8420),
    ...(await devices()),
    backend('@tensorflow/tfjs-node'),
    backend('@tensorflow/tfjs-node-gpu'),
  ];
  const healthy = findings.every((f) => f.ok || f.optional);
  printResult(options.json === true, { healthy, findings }, () =>
    [
      ...findings.map((f) => `${f.ok ? '✓' : f.optional ? '–' : '✗'} ${f.what}: ${f.detail}`),
      healthy ? 'Everything that Ludus needs is here.' : 'Mend what has a ✗, then try again.',
    ].join('\n'),
  );
  if (!healthy) process.exitCode = 4;
}

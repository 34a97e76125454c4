#!/usr/bin/env node
/**
 * The one binary. Each subcommand lives in commands/ and is loaded only when it is called, so that `ludus games` does
 * not wait for a neural-network runtime.
 */
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { UserError } from '#engine';
import { createProgram } from './program.js';

const EXIT = { usage: 2, data: 3, environment: 4 } as const;

/** System errors that are about the machine, said in words; undefined for the rest. */
function environmental(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const path = (error as NodeJS.ErrnoException | undefined)?.path ?? 'the run directory';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk is full (writing ${path}); free some space and run the same command again: everything acknowledged so far is saved.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `no permission for ${path}; choose another place with --run DIR, or change its permissions.`;
    case 'EMFILE':
      return 'too many open files; raise the limit (ulimit -n).';
    default:
      return undefined;
  }
}

export async function main(argv: readonly string[]): Promise<number> {
  const version = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
  try {
    await createProgram(version).parseAsync([...argv]);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // help and version end with 0
    if (error instanceof UserError) {
      process.stderr.write(`ludus: ${error.message}\n`);
      return EXIT[error.kind];
    }
    const words = environmental(error);
    if (words !== undefined) {
      process.stderr.write(`ludus: ${words}\n`);
      return EXIT.environment;
    }
    process.stderr.write(`ludus: a defect of ours, please report it:\n${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

// A reader that goes away early (`ludus … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv);

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run from source; workers and the command line are tested from dist, which `npm test` builds first.
    alias: [
      { find: /^#engine$/, replacement: at('./engine/index.ts') },
      { find: /^#engine\/(evolution|nn|node|rl|rl\/nn|tabular|web)$/, replacement: at('./engine/') + '$1/index.ts' },
      { find: /^#games$/, replacement: at('./games/index.ts') },
      { find: /^#games\/(chess|minatar)$/, replacement: at('./games/') + '$1/index.ts' },
      { find: /^#games\/contract$/, replacement: at('./games/contract.ts') },
      { find: /^#selfplay\/(checkpoint|system)$/, replacement: at('./selfplay/') + '$1.ts' },
      { find: /^#selfplay\/(cluster|diagnose)$/, replacement: at('./selfplay/') + '$1/index.ts' },
      { find: /^#selfplay$/, replacement: at('./selfplay/index.ts') },
      { find: /^#bench$/, replacement: at('./bench/index.ts') },
      { find: /^#arena\/server\/testing$/, replacement: at('./arena/server/testing/index.ts') },
      { find: /^#arena$/, replacement: at('./arena/index.ts') },
      { find: /^#arena\/browser$/, replacement: at('./arena/agents/browser.ts') },
      { find: /^#arena\/(protocol|server|cluster)$/, replacement: at('./arena/') + '$1/index.ts' },
    ],
  },
  test: {
    include: ['{engine,games,selfplay,arena,web,cli,bench,docs}/**/*.test.ts'],
    // A busy machine is slow to come to what a test waits for; a test that passes does not wait longer for it.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    maxWorkers: 2,
  },
});

import { parseArgs } from 'node:util';
import { importSource } from './source.mjs';

const { values, positionals: [folder = 'screenshots', url] } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
await (await importSource('./screenshots.ts')).main(folder, url, values.only?.split(','));

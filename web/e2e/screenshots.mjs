import { parseArgs } from 'node:util';
import { withSource } from './source.mjs';

const { values, positionals: [folder = 'screenshots', url] } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
await withSource('./screenshots.ts', (screenshots) => screenshots.main(folder, url, values.only?.split(',')));

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Figure, formatFigures } from './figures.js';
import { measureLatency, measureRates, measureRuns, measureWorkers } from './ingest.js';
import { describeLoad } from './measure.js';
import { measureStartup } from './startup.js';

/**
 * `npm run bench [-- SECTION…]`: every promise of speed with its target, measured on whole processes of the built command.
 * CPU is user and system time of the process; ratios compare with something that is measured in the same sitting. Stop
 * everything else first.
 */
const SECTIONS: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  startup: measureStartup,
  run: measureRuns,
  rate: measureRates,
  workers: measureWorkers,
  latency: measureLatency,
  models: async () => [
    ...(await readFigures('models.ts', 'store')),
    ...(await readFigures('models.ts', 'shop')),
  ],
  year: () => readFigures('year.ts'),
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SECTIONS);
const unknown = chosen.find((name) => !Object.hasOwn(SECTIONS, name));
if (unknown !== undefined)
  throw new RangeError(`unknown section ${unknown}; there are ${Object.keys(SECTIONS).join(', ')}`);

console.log(describeLoad());
const figures: Figure[] = [];
for (const name of chosen) {
  const found = (await SECTIONS[name]?.()) ?? [];
  console.log(`\n${name}\n${formatFigures(found)}`);
  figures.push(...found);
}
if (chosen.length > 1) console.log(`\nall figures\n${formatFigures(figures)}`);
const missed = figures.filter(({ isMet }) => !isMet);
console.log(`${figures.length - missed.length} of ${figures.length} figures are met`);

/** The figures of a benchmark that is a program of its own. */
async function readFigures(script: string, ...words: readonly string[]): Promise<readonly Figure[]> {
  const args = ['--import', 'tsx', join(import.meta.dirname, script), ...words, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as Figure[];
}

import { parseArgs } from 'node:util';
import { EVENTS } from './day.js';
import { soak } from './soak.js';

/**
 * `npm run soak [-- --days N --seed N]`: simulated days of all pipelines with faults of the source, drift, late data,
 * kills and a full disk. In the end every date is built, counts add up, nothing personal is anywhere, and the tables
 * are those of an undisturbed run. Exits with 1 if not.
 */
const { values } = parseArgs({
  options: { days: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});
const startedAt = performance.now();
const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
const result = await soak({
  days: Number(values.days),
  seed: Number(values.seed),
  onStep: (step) => {
    console.error(`[${seconds()}] ${step}`);
  },
});
const { figures, wrong } = result;
console.log(`days                ${values.days} (seed ${values.seed})`);
console.log(`landings tried      ${figures.landings}`);
console.log(`requests made again ${result.retries}`);
for (const event of EVENTS) console.log(`${event.padEnd(19)} ${figures.events[event]}`);
console.log(`killed under way    ${figures.killed}`);
for (const [code, count] of figures.failures) console.log(`${code.padEnd(19)} ${count}`);
console.log(`records in the lake ${result.landedRecords}`);
console.log(`tables compared     ${result.tables}, rows ${result.rows}`);
console.log(`peak memory         ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
console.log(`time                ${seconds()}`);
if (!result.hasSmallDisk) {
  console.log('not tried here: a full disk, since nothing can be mounted');
  if (process.env['REQUIRE_INTEGRATION'] === '1') process.exitCode = 1;
}
for (const line of wrong.slice(0, 20)) console.log(`WRONG: ${line}`);
if (wrong.length > 0) process.exitCode = 1;
else console.log('All is as if nothing had happened.');
process.exit();

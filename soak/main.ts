import { parseArgs } from 'node:util';
import { EVENTS } from './day.js';
import { soak } from './soak.js';

/**
 * `npm run soak [-- --days N --seed N]`: simulates days of a scheduler of all pipelines with source faults, drift, late data,
 * kills and a full disk, and loads the tables into a PostgreSQL every evening. Afterwards every date must be built, counts
 * must add up, no personal data may be found, and the tables, also those in PostgreSQL, must equal those of an undisturbed
 * run. Otherwise exits with 1.
 */
const { values } = parseArgs({
  options: { days: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});
const startedAt = performance.now();
const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
const result = await soak({
  days: Number(values.days),
  seed: Number(values.seed),
  loads: true,
  onStep: (step) => {
    console.error(`[${seconds()}] ${step}`);
  },
});
const { figures, wrong } = result;
console.log(`days                ${values.days} (seed ${values.seed})`);
console.log(`landings attempted  ${figures.landings}, of which the scheduler started ${figures.scheduled}`);
console.log(`scheduler down      ${figures.down} days`);
console.log(`requests retried    ${result.retries}`);
for (const event of EVENTS) console.log(`${event.padEnd(19)} ${figures.events[event]}`);
console.log(`killed in progress  ${figures.killed}`);
for (const [code, count] of figures.failures) console.log(`${code.padEnd(19)} ${count}`);
console.log(`records in the lake ${result.landedRecords}`);
console.log(`tables compared     ${result.tables}, rows ${result.rows}`);
if (result.loaded !== null) {
  const { loads, rows, tables } = result.loaded;
  console.log(`loads into PostgreSQL ${loads}, rows ${rows}, tables compared ${tables}`);
}
console.log(`peak memory         ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
console.log(`time                ${seconds()}`);
if (!result.hasSmallDisk) {
  console.log('Skipped: full disk (mounting a file system requires root)');
  if (process.env['REQUIRE_INTEGRATION'] === '1') process.exitCode = 1;
}
for (const line of wrong.slice(0, 20)) console.log(`WRONG: ${line}`);
if (wrong.length > 0) process.exitCode = 1;
else console.log('Passed: no differences from the undisturbed run.');
process.exit();

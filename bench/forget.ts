import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDays, dateOf } from '../src/base/dates/calendar.js';
import { copyDates } from './copy-dates.js';
import { atMost, type Figure, formatFigures, known } from './figures.js';
import { BIN, copyProject, describeLoad, measure, type Measured, PAGE_SIZE, withPages } from './measure.js';

/**
 * `npm run bench:forget [-- DATES… ]`: erases 1,000 people from lakes of so many dates of 30,000 people, by the whole command, with the
 * rebuild of the warehouse. Each partition is written once, so the time of one should not depend on how many there are.
 */
const SIZES = process.argv.slice(2).filter((word) => word !== '--json').map(Number); // prettier-ignore
const PEOPLE = 30_000;
const DATE = addDays(dateOf(new Date()), -1);
const TARGET_TIMES = 1.2;

const dir = await mkdtemp(join(tmpdir(), 'lakeveil-bench-forget-'));
try {
  await withPages(PEOPLE, benchmark);
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function benchmark(origin: string): Promise<void> {
  const load = describeLoad();
  const values = await writeValues(origin);
  const figures: Figure[] = [];
  let first: number | null = null;
  for (const dates of SIZES.length === 0 ? [30, 120, 365] : SIZES) {
    const project = await landDates(origin, dates);
    const erased = await forget(project, values);
    const { rows, partitions } = JSON.parse(erased.stdout) as { rows: number; partitions: unknown[] };
    if (partitions.length !== dates || rows < 0.9 * dates * PAGE_SIZE) throw new RangeError('rows are left');
    const each = erased.cpuMs / dates;
    const name = `1,000 people from ${dates} dates of 30,000 rows, CPU for each partition`;
    figures.push(known(name, each, 'ms', erased));
    if (first === null) first = each;
    else figures.push(atMost('  over that of the first lake', each / first, TARGET_TIMES, '×'));
    figures.push(known('  memory', erased.peakMb, 'MB'));
    await rm(project, { recursive: true });
  }
  console.log(load);
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : formatFigures(figures));
  if (figures.some(({ isMet }) => !isMet)) process.exitCode = 1;
}

/** The mail addresses of one page, which are in every date. */
async function writeValues(origin: string): Promise<string> {
  const answer = (await (await fetch(origin)).json()) as { data: { email: string }[] };
  const path = join(dir, 'values.txt');
  await writeFile(path, answer.data.map(({ email }) => `${email}\n`).join(''));
  return path;
}

async function landDates(origin: string, dates: number): Promise<string> {
  const project = join(dir, `lake-${dates}`);
  await copyProject(project, ['pipelines/persons.yaml', 'sql/persons']);
  const flags = ['--date', DATE, '--source', origin, '--records', String(PEOPLE)];
  await run(project, 'ingest', 'persons', ...flags);
  await copyDates(project, DATE, dates);
  await run(project, 'transform');
  return project;
}

function forget(project: string, values: string): Promise<Measured> {
  return run(project, 'forget', '--dataset', 'persons', '--by', 'email_token', '--values', values, '--yes');
}

function run(project: string, ...words: string[]): Promise<Measured> {
  return measure([process.execPath, BIN, ...words, '--json', '--quiet', '--project', project]);
}

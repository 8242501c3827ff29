import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDays, dateOf } from '../src/base/dates/calendar.js';
import { copyDates } from './copy-dates.js';
import { atMost, formatFigures, known } from './figures.js';
import {
  BIN,
  bundle,
  copyProject,
  describeLoad,
  measure,
  type Measured,
  medianOf,
  withPages,
} from './measure.js';

/**
 * `npm run bench:year [-- DATES [PEOPLE]]`: adds a date to an empty lake and to the lake of a year, in turn, with the built
 * command in a process of its own. The dates of the year are one landed date under other names, with a manifest and an
 * entry in the ledger each.
 */
const ARGUMENTS = process.argv.slice(2).filter((word) => word !== '--json');
const DATES = Number(ARGUMENTS[0] ?? 365);
const PEOPLE = Number(ARGUMENTS[1] ?? 30_000);
const ROUNDS = 5;
const TODAY = dateOf(new Date());
/** Landed by the command; the dates before it are copies. */
const MODEL = addDays(TODAY, -ROUNDS);
const TARGET_TIMES_EMPTY = 1.2;
const TARGET_IDLE_MS = 150;

/** Loads all that a transform needs, then prints the CPU milliseconds of the transform alone. */
const TRANSFORM = `
import { loadConfig } from './base/config/config.js';
import { loadEngine } from './base/duckdb.js';
import { createEffects } from './base/terminal/real-effects.js';
import { transform } from './pipeline.js';
import { openProject } from './project.js';
await loadEngine();
const config = loadConfig({ project: process.argv[2] ?? '' });
const signal = new AbortController().signal;
const project = await openProject({ config, effects: await createEffects({ config, quiet: true, fetch, signal }) });
const before = process.cpuUsage();
await transform(project, { pipeline: null, dates: [] });
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
`;

const dir = await mkdtemp(join(tmpdir(), 'lakeveil-bench-'));
try {
  await withPages(PEOPLE, benchmark);
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function benchmark(origin: string): Promise<void> {
  const load = describeLoad();
  const year = await landYear(origin);
  const transform = await bundle('transform', TRANSFORM);
  const [first, added, status]: [Measured[], Measured[], Measured[]] = [[], [], []];
  const idle: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const date = addDays(MODEL, round + 1);
    first.push(await add(await openEmpty(`empty-${round}`), date, origin));
    added.push(await add(year, date, origin));
    idle.push(Number((await measure([process.execPath, transform, year])).stdout));
    status.push(await call(year, 'status'));
  }
  const [empty, full, seen] = [medianOf(first), medianOf(added), medianOf(status)];
  const nothing = idle.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  const name = `a date into ${DATES} dates of ${PEOPLE.toLocaleString('en')} people, over an empty lake`;
  const figures = [
    known('a date into an empty lake, wall', empty.wallMs / 1_000, 's', empty),
    atMost(`${name}, CPU`, full.cpuMs / empty.cpuMs, TARGET_TIMES_EMPTY, '×', full),
    atMost(`${name}, wall`, full.wallMs / empty.wallMs, TARGET_TIMES_EMPTY, '×', full),
    atMost(
      `transform with nothing new in ${DATES} dates, after start-up, CPU`,
      nothing,
      TARGET_IDLE_MS,
      'ms',
    ),
    known(`status of ${DATES} dates, wall`, seen.wallMs / 1_000, 's', seen),
  ];
  console.log(load);
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : formatFigures(figures));
}

/** Adds a date by the whole command, from the request to the reports. */
async function add(project: string, date: string, origin: string): Promise<Measured> {
  const flags = ['--date', date, '--source', origin, '--records', String(PEOPLE)];
  return measure([
    process.execPath,
    BIN,
    'run',
    'persons',
    ...flags,
    '--json',
    '--quiet',
    '--project',
    project,
  ]);
}

/** A project whose SQL is known and whose tables are empty, as on any day but the first. */
async function openEmpty(name: string): Promise<string> {
  const project = await openProject(name);
  await call(project, 'transform');
  return project;
}

function call(project: string, command: string): Promise<Measured> {
  return measure([process.execPath, BIN, command, '--quiet', '--json', '--project', project]);
}

async function openProject(name: string): Promise<string> {
  const project = join(dir, name);
  await copyProject(project, ['pipelines/persons.yaml', 'sql/persons']);
  return project;
}

/** Lands one date, gives the dates before it the same files, and builds the tables. */
async function landYear(origin: string): Promise<string> {
  const project = await openProject('year');
  await add(project, MODEL, origin);
  await copyDates(project, MODEL, DATES);
  await call(project, 'transform');
  return project;
}

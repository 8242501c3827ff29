import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import { BIN, copyProject, describeLoad, measure, type Measured, medianOf, withPages } from '../measure.js';

/**
 * `npm run bench:peers [-- SIZE…]`: the same job with other tools and with the built command, in turn: fetch pages of 1,000
 * people, eight at once, mask them with keyed HMAC, write Parquet, build a table in DuckDB, run three reports. The first
 * run sets up a virtual environment beside this file.
 */
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 30_000, 200_000];
const ROUNDS = 3;
const FOLDER = import.meta.dirname;
const VENV = join(FOLDER, '.venv');
const PYTHON = join(VENV, 'bin', 'python');

interface Peer {
  readonly name: string;
  /** The command for a number of people, in an empty folder. */
  readonly prepare: (folder: string, origin: string, people: number) => Promise<readonly string[]>;
}

const PEERS: readonly Peer[] = [
  python('DuckDB alone, no validation', 'duckdb_alone.py'),
  python('polars, no validation', 'polars_plain.py'),
  python('pandas, no validation', 'pandas_plain.py'),
  python('pandas with pydantic', 'pandas_plain.py', '--validate'),
  python('dlt with pydantic', 'dlt_pydantic.py'),
  lakeveil('Lakeveil, `persons` alone', ['pipelines/persons.yaml', 'sql/persons']),
  lakeveil('Lakeveil, five pipelines', ['pipelines', 'sql']),
];

await setUp();
console.log(describeLoad());
const runs = new Map<string, Measured>();
for (const people of SIZES) await withPages(people, (origin) => runAll(origin, people));
console.log(describe().toString());

function python(name: string, file: string, ...flags: readonly string[]): Peer {
  const prepare = (folder: string, origin: string, people: number) =>
    Promise.resolve([PYTHON, join(FOLDER, file), origin, String(people), folder, ...flags]);
  return { name, prepare };
}

function lakeveil(name: string, parts: readonly string[]): Peer {
  const prepare = async (folder: string, origin: string, people: number) => {
    await copyProject(folder, parts);
    const flags = ['--source', origin, '--records', String(people), '--json', '--quiet', '--project', folder];
    return [process.execPath, BIN, 'run', 'persons', ...flags];
  };
  return { name, prepare };
}

/** Installs the pinned versions once, and again when they have changed. */
async function setUp(): Promise<void> {
  const wanted = await readFile(join(FOLDER, 'requirements.txt'), 'utf8');
  const mark = join(VENV, 'installed.txt');
  if ((await readFile(mark, 'utf8').catch(() => '')) === wanted) return;
  console.log('Setting up a virtual environment …');
  const run = promisify(execFile);
  await run('python3', ['-m', 'venv', '--clear', VENV]);
  await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '-r', join(FOLDER, 'requirements.txt')]);
  await writeFile(mark, wanted);
}

async function runAll(origin: string, people: number): Promise<void> {
  const all = new Map<string, Measured[]>(PEERS.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const peer of PEERS) all.get(peer.name)?.push(await runOnce(peer, origin, people));
  }
  for (const [name, measured] of all) runs.set(`${name} ${people}`, medianOf(measured));
}

async function runOnce({ prepare }: Peer, origin: string, people: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'lakeveil-peers-'));
  try {
    return await measure(await prepare(folder, origin, people));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function describe(): Table.Table {
  const last = SIZES.at(-1) ?? 0;
  const [before = last] = SIZES.slice(-2);
  const cpus = SIZES.map((people) => `CPU s, ${people}`);
  const head = ['', ...cpus, 'ms per 1,000 more', `wall s, ${before}`, `wall s, ${last}`, `peak MB, ${last}`];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { name } of PEERS) {
    const at = (people: number): Measured =>
      medianOf([runs.get(`${name} ${people}`)].flatMap((run) => run ?? []));
    const more = ((at(last).cpuMs - at(before).cpuMs) / (last - before)) * 1_000;
    table.push([
      name,
      ...SIZES.map((people) => seconds(at(people).cpuMs)),
      before === last ? '' : more.toFixed(1),
      seconds(at(before).wallMs),
      seconds(at(last).wallMs),
      Math.round(at(last).peakMb),
    ]);
  }
  return table;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}

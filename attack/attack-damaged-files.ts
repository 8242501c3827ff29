import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pruneLake } from '../src/actions/prune/prune-lake.js';
import { openWarehouse } from '../src/actions/report/report-on.js';
import { evaluateStatus, readStatus } from '../src/actions/status/read-status.js';
import { evaluateVerify, verifyLake } from '../src/actions/verify/verify-lake.js';
import { loadConfig } from '../src/base/config/config.js';
import { toLakeveilError } from '../src/base/defect.js';
import type { Effects } from '../src/base/effects.js';
import { failure, type LakeveilError } from '../src/base/errors.js';
import { findPackageDir } from '../src/base/files/package-dir.js';
import { LocalLake } from '../src/lake/store.js';
import { ingest, transform } from '../src/pipeline.js';
import { openProject, type Project } from '../src/project.js';
import { createFetch } from '../src/source/http.js';
import { queryWarehouse } from '../src/warehouse/published/open-reader.js';
import type { AttackResult } from './attack-result.js';
import { createRandom, listDamages } from './damages.js';

/** Damaged files of a lake: every command gives an error of the catalogue, or what it gives of the whole lake. */

export interface AttackOptions {
  /** Cuts, flipped bits and changed values of each file. */
  readonly each?: number;
  readonly seed?: number;
  /** Share of the damages that is tried. */
  readonly share?: number;
}

const NOW = new Date('2026-06-30T12:00:00Z');
const DATES = ['2026-02-10', '2026-05-10', '2026-06-10'];
const LAST = '2026-06-20';
const RECORDS = '12';
const HANGS_AFTER_MS = 30_000;
const TABLES = ['silver.persons_anonymized', 'silver.latest'];
const LATEST = `-- description: One row per person.
-- materialize: upsert on person_token
select person_token, country, _ingest_date, _slot, _position
from bronze.persons
`;
/** A status that lists a loss leaves nothing out in silence. */
const NAMED = 'a loss is named';
const ignore = (): void => undefined;

export async function attackDamagedFiles({
  each = 8,
  seed = 20261120,
  share = 1,
}: AttackOptions = {}): Promise<AttackResult> {
  const root = mkdtempSync(join(tmpdir(), 'lakeveil-attack-'));
  const fetch = createFetch({ connections: 4 });
  const whole = join(root, 'whole');
  const damaged = join(root, 'damaged');
  const verdicts: Record<string, number> = {};
  const failures: string[] = [];
  let tried = 0;
  try {
    await makeLake(whole, fetch);
    const random = createRandom(seed);
    const open = (): Promise<Project> => openAt(damaged, fetch);
    const copy = (): void => {
      rmSync(damaged, { recursive: true, force: true });
      cpSync(whole, damaged, { recursive: true });
    };
    copy();
    const wanted = await look(open);
    for (const path of listJson(join(whole, 'data_lake'))) {
      for (const damage of listDamages(readFileSync(join(whole, 'data_lake', path)), each, random)) {
        if (random() >= share) continue;
        copy();
        rmSync(join(damaged, 'data_lake', path));
        damage.make(join(damaged, 'data_lake', path));
        tried += 1;
        for (const [command, got] of Object.entries(await look(open))) {
          const verdict = evaluate(got, wanted[command]);
          verdicts[`${command}: ${verdict.name}`] = (verdicts[`${command}: ${verdict.name}`] ?? 0) + 1;
          if (verdict.isWrong) failures.push(`${path}, ${damage.name}: ${command} ${verdict.name}`);
        }
      }
    }
    return { tried, verdicts, failures };
  } finally {
    await fetch.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** A lake with landed, pruned and half committed dates, a checkpoint, a retention mark and tables. */
async function makeLake(dir: string, fetch: Effects['fetch']): Promise<void> {
  mkdirSync(dir, { recursive: true });
  for (const part of ['pipelines/persons.yaml', 'sql/persons']) {
    cpSync(join(findPackageDir(), part), join(dir, part), { recursive: true });
  }
  writeFileSync(join(dir, 'sql/persons/silver/latest.sql'), LATEST);
  const project = await openAt(dir, fetch);
  for (const date of DATES) await ingest(project, requestFor(date));
  await transform(project, { pipeline: 'persons', dates: 'all' });
  await pruneLake(project, { pipeline: null, olderThanDays: 90, what: ['raw'], apply: true });
  await transform(project, { pipeline: 'persons', dates: [] });
  const lake = new LocalLake({
    root: project.lake.root,
    waiting: { patienceMs: 0, sleep: () => Promise.resolve(), onWait: ignore },
    onReceipt: () => Promise.resolve(),
    onDead: () => Promise.resolve(),
    onStep: (step) => {
      if (step === 'wrote the intent') throw failure('E_DISK', { path: 'the lake', kind: 'ENOSPC' });
    },
  });
  await ingest({ ...project, lake }, requestFor(LAST)).catch(ignore);
}

function requestFor(date: string) {
  const none = { slot: null, dataset: null, source: null, seed: null, limitPages: null };
  return { pipeline: 'persons', date, ...none, force: false, asOfNow: true };
}

async function openAt(dir: string, fetch: Effects['fetch']): Promise<Project> {
  const environment = { XDG_CONFIG_HOME: join(dir, 'config'), RECORDS };
  const effects: Effects = {
    now: () => NOW,
    random: () => 0.5,
    sleep: () => Promise.resolve(),
    fetch,
    log: { info: ignore, warn: ignore, debug: ignore, reported: ignore, setRun: ignore },
    progress: { start: ignore, advance: ignore, stop: ignore },
    signal: new AbortController().signal,
  };
  return openProject({ config: loadConfig({ project: dir, environment }), effects });
}

/** What a command gives: an error, a text to compare, or nothing in time. */
type Got = LakeveilError | string | null;

/** Status first, which changes nothing; verify and transform finish what was interrupted. */
async function look(open: () => Promise<Project>): Promise<Record<string, Got>> {
  const status = await outcome(async () => {
    const report = await readStatus(await open(), { pipeline: 'persons', from: null, to: null, limit: 100 });
    const error = evaluateStatus(report);
    if (error !== null) throw error;
    const [dataset] = report.datasets;
    const [lost] = dataset?.lost ?? [];
    if (lost !== undefined) return NAMED;
    const rows = dataset?.rows ?? 0;
    return `${rows} rows`;
  });
  const verify = await outcome(async () => {
    const error = evaluateVerify(await verifyLake(await open(), { date: null }));
    if (error !== null) throw error;
    return 'clean';
  });
  const built = await outcome(async () => {
    const project = await open();
    await transform(project, { pipeline: 'persons', dates: 'all' });
    return readTables(project);
  });
  return { status, verify, transform: built };
}

async function readTables(project: Project): Promise<string> {
  const reader = await openWarehouse(project, null);
  try {
    const tables = [];
    for (const table of TABLES) tables.push(await queryWarehouse(reader, `from ${table} order by all`));
    return JSON.stringify(tables);
  } finally {
    reader.close();
  }
}

async function outcome(work: () => Promise<string>): Promise<Got> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
    }, HANGS_AFTER_MS);
  });
  try {
    return await Promise.race([work(), hang]);
  } catch (thrown) {
    return toLakeveilError(thrown);
  } finally {
    clearTimeout(timer);
  }
}

interface Verdict {
  readonly name: string;
  readonly isWrong: boolean;
}

function evaluate(got: Got, wanted: Got | undefined): Verdict {
  if (got === null) return { name: 'hangs', isWrong: true };
  if (got === NAMED) return { name: got, isWrong: false };
  if (typeof got === 'string') {
    const isSame = got === wanted;
    return { name: isSame ? 'as of the whole lake' : 'other result with exit 0', isWrong: !isSame };
  }
  const at = got.exit === 1 ? ` (${got.message.replaceAll('\n', ' ')})` : '';
  return { name: `exit ${got.exit} ${got.code}${at}`, isWrong: got.exit < 2 || got.exit > 6 };
}

function listJson(lake: string): string[] {
  return readdirSync(lake, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) =>
        name.endsWith('.json') && !name.endsWith('.holder.json') && statSync(join(lake, name)).isFile(),
    )
    .sort();
}

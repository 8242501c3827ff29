import { realpath, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { adoptRows } from '../../anonymize/adopt-rows.js';
import { type CompiledPolicy, compilePolicy } from '../../anonymize/compile-policy.js';
import { findMasterKey } from '../../base/config/key.js';
import { failure, systemCode } from '../../base/errors.js';
import { countOf, formatBytes, formatCount } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { DatasetDefinition, Definition } from '../../base/types/definition.js';
import type { ManifestSource } from '../../base/types/manifest.js';
import type { Counts, DatasetResult } from '../../base/types/run-record.js';
import { describeResult, type ReadyDataset } from '../../ingest/describe-landing.js';
import { manifestOf } from '../../ingest/describe-manifest.js';
import { type Forgotten, readForgotten } from '../../ingest/forgotten.js';
import { commitAll } from '../../ingest/ingest-date.js';
import { assertNotPruned } from '../../ingest/plan-ingest.js';
import { PART_ROWS, planLanding } from '../../ingest/plan-landing.js';
import type { StagedDataset } from '../../lake/commit-plan.js';
import { readTombstones } from '../../lake/forgotten-file.js';
import { NO_ONE } from '../../lake/forgotten-rows.js';
import { type LandedParts, LandingRoom } from '../../lake/landing-room.js';
import { checkCounts } from '../../ledger/ledger.js';
import { type RunContext, withRun } from '../../ledger/run-context.js';
import type { Project } from '../../project.js';

interface AdoptRequest {
  /** Path of a Parquet file. */
  readonly file: string;
  readonly dataset: string;
  /** A valid `YYYY-MM-DD`. */
  readonly date: string;
}

/** The file to adopt and its target. */
interface Adoption {
  readonly definition: Definition;
  readonly dataset: DatasetDefinition;
  readonly policy: CompiledPolicy;
  readonly date: string;
  /** Real path of the file. */
  readonly file: string;
}

/** Memory limit of each DuckDB instance, in MB. */
const ROOM_MB = 400;
const SOURCE: ManifestSource = { kind: 'adopted', origin: null, path: null, allow_http: false };

/**
 * Imports Parquet that another program wrote and replaces the landed data of the date. Every cell is checked, and the rows
 * are rewritten in file order; duplicates are handled as the definition says. The manifest names no key: tokens do not show
 * which key created them, and a wrong key would reject later runs.
 * @throws E_UNKNOWN, E_DISK_READ, E_PRUNED, E_ADOPT, E_SHAPE (exit 5), and what landing throws
 */
export async function adoptFile(project: Project, request: AdoptRequest): Promise<DatasetResult> {
  const adoption = await planAdoption(project, request);
  const start = { pipeline: adoption.definition.pipeline, date: request.date, slot: null };
  return withRun(project, { command: 'adopt', ...start }, async (context) => {
    const { horizons } = await project.lake.listKept();
    assertNotPruned(horizons, [request.dataset], request.date, 'adopt a later date');
    const { staging } = context;
    try {
      const forgotten = await findForgotten(project, adoption.dataset);
      const ready = await stageAdoption(project, context, { ...adoption, forgotten }, staging.dir);
      const [result = ready.result] = await commitAll(project, context, [ready], forgotten);
      return result;
    } finally {
      await staging.clear();
    }
  });
}

async function planAdoption({ definitions }: Project, request: AdoptRequest): Promise<Adoption> {
  const all = [...definitions.values()];
  const definition = all.find(({ datasets }) => datasets.has(request.dataset));
  const dataset = definition?.datasets.get(request.dataset);
  if (definition === undefined || dataset === undefined) {
    const known = all.flatMap(({ datasets }) => [...datasets.keys()]).join(', ');
    throw failure('E_UNKNOWN', { kind: 'dataset', known });
  }
  // Shapes do not depend on the key, and no token is created here.
  const policy = compilePolicy(dataset, 'adopted');
  return { definition, dataset, policy, date: request.date, file: await findFile(request.file) };
}

/** People who were erased; a key is needed only where there are any. */
async function findForgotten({ config, effects }: Project, dataset: DatasetDefinition): Promise<Forgotten> {
  const hasTombstones = (await readTombstones(config.lakeDir)).length > 0;
  const key = hasTombstones ? await findMasterKey(config) : null;
  return readForgotten(config, [dataset], key, effects.now());
}

async function findFile(given: string): Promise<string> {
  try {
    const path = await realpath(given);
    if (/[*?[\]]/.test(path)) {
      const hint = 'rename the file or move it to another folder';
      throw failure('E_USAGE', { what: 'the file path contains one of * ? [ ]', hint });
    }
    if ((await stat(path)).isFile()) return path;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw failure('E_DISK_READ', { path: given, kind: systemCode(error) });
    }
    throw error;
  }
  throw failure('E_DISK_READ', { path: given, kind: 'not a file' });
}

async function stageAdoption(
  project: Project,
  context: RunContext,
  adoption: Adoption & { readonly forgotten: Forgotten },
  stagingDir: string,
): Promise<ReadyDataset> {
  const { dataset, policy, definition, file, forgotten } = adoption;
  const shared = { stagingDir, memoryLimitMb: ROOM_MB, threads: availableParallelism() };
  const adopted = await adoptRows({
    ...shared,
    policy,
    pipeline: definition.pipeline,
    path: file,
    rowsPerPart: PART_ROWS,
  });
  const room = await LandingRoom.open({ ...shared, compression: project.config.compression });
  try {
    // The raw records were never here.
    const plan = { ...planLanding(dataset, policy), withheldColumn: null };
    const landed = await context.stage('land', dataset.name, { in: adopted.rows, out: countRows }, () =>
      room.land(plan, adopted.segments, 0, null, { ...NO_ONE, columns: forgotten.columnsOf(dataset.name) }),
    );
    return await describeAdoption(project, context, adoption, adopted.rows, landed);
  } finally {
    room.close();
  }
}

async function describeAdoption(
  { config, effects, toolVersion }: Project,
  { runId }: RunContext,
  { definition, dataset, policy, date }: Adoption,
  fetched: number,
  landed: LandedParts,
): Promise<ReadyDataset> {
  const { version } = await import('@duckdb/node-api');
  const { files, quarantine, duplicates, forgotten } = landed;
  const counts: Counts = { fetched, landed: countRows(landed), rejected: 0, duplicates, forgotten };
  checkCounts(dataset.name, counts);
  const manifest = manifestOf({
    pipeline: definition.pipeline,
    dataset,
    policy,
    date,
    runId,
    counts,
    toolVersion,
    key: null,
    observedSha256: null,
    withheld: null,
    asOf: null,
    since: null,
    source: SOURCE,
    slot: null,
    landedAt: effects.now(),
    duckdbVersion: version(),
  });
  const key = { dataset: dataset.name, date, slot: null };
  const staged: StagedDataset = { key, files, quarantine, manifest };
  const findings = { checked: { rejects: [], nulled: [], drift: [] }, landed, empty: 0 };
  return { staged, result: describeResult(staged, findings, counts, config) };
}

function countRows({ files }: LandedParts): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}

/** The adopted rows and their files. */
export function formatAdopted(adopted: DatasetResult & { readonly date: string }): string {
  const { dataset, date, landed, duplicates, forgotten, partitions, unchanged } = adopted;
  const places = partitions.map(({ path, bytes }) => `  ${scrub(path)}, ${formatBytes(bytes)}`);
  return [
    `${unchanged ? 'Unchanged' : 'Adopted'}: ${countOf(landed, 'row')} of ${dataset} for ${date}`,
    ...places,
    ...(duplicates === 0 ? [] : [`  ${formatCount(duplicates)} duplicates removed`]),
    ...(forgotten === 0 ? [] : [`  ${countOf(forgotten, 'row')} of erased people removed`]),
    'Next: add the rows to the tables with pipeline transform',
  ].join('\n');
}

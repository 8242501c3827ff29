import { findPersonColumn, listLookups } from '../../anonymize/lookup.js';
import { assertPatterns } from '../../anonymize/patterns.js';
import type { Config } from '../../base/config/config.js';
import { toLakeveilError } from '../../base/defect.js';
import type { Effects } from '../../base/effects.js';
import { failure, LakeveilError } from '../../base/errors.js';
import { countOf } from '../../base/text/numbers.js';
import type { Definition } from '../../base/types/definition.js';
import { compileContract } from '../../contract/contract.js';
import { listRuns } from '../../ledger/read-runs.js';
import { openProject, type Project } from '../../project.js';
import { readOps } from '../../warehouse/published/published-instance.js';
import { readUnfinished } from '../../lake/forgotten-file.js';
import { findLeftBehind } from '../../lake/find-left-behind.js';
import type { DoctorCheck, DoctorResult } from './doctor.js';

/** Time limit for a response of a source. */
const SOURCE_TIMEOUT_MS = 5_000;

/** Checks of a project: its definitions and, if they load, its sources, lake and warehouse. */
export async function listProjectChecks(context: {
  readonly config: Config;
  readonly effects: Effects;
}): Promise<DoctorCheck[]> {
  try {
    const project = await openProject(context);
    const definitions = [...project.definitions.values()];
    return [
      { name: 'definitions', run: () => checkDefinitions(definitions) },
      ...definitions.map((definition) => ({
        name: `source of ${definition.pipeline}`,
        run: () => checkSource(definition, context.effects),
      })),
      { name: 'erasure', run: () => checkErasure(project) },
      { name: 'landed', run: () => checkLake(project) },
      { name: 'ledger', run: () => checkLedger(project) },
      { name: 'tables', run: () => checkWarehouse(project) },
    ];
  } catch (error) {
    return [{ name: 'definitions', run: () => Promise.reject(toLakeveilError(error)) }];
  }
}

async function checkDefinitions(definitions: readonly Definition[]): Promise<DoctorResult> {
  if (definitions.length === 0) return { status: 'warn', detail: 'pipelines/ has no definition' };
  for (const { datasets } of definitions) {
    for (const dataset of datasets.values()) {
      compileContract(dataset.contract, dataset.name);
      await assertPatterns(dataset);
    }
  }
  return ok(`${definitions.map(({ pipeline }) => pipeline).join(', ')}: valid`);
}

/**
 * A dataset that lands direct fields needs a token of one field, by which a person is found and erased. One with tokens of people
 * that are all of several fields fails; one without any, such as a draft, is a warning.
 */
async function checkErasure({ definitions, lake }: Project): Promise<DoctorResult> {
  const without: string[] = [];
  for (const { datasets, file } of definitions.values()) {
    for (const dataset of datasets.values()) {
      const isDirect = dataset.landing.some((column) => column.class === 'direct');
      if (!isDirect || listLookups(dataset).length > 0) continue;
      without.push(dataset.name);
      if (findPersonColumn(dataset) === null) continue;
      const problem = `dataset ${dataset.name} lands direct fields and no token of one field: no person can be erased from it`;
      throw failure('E_DEFINITION', { problem, fix: LAND_A_LOOKUP }, { file, dataset: dataset.name });
    }
  }
  const unfinished = (await readUnfinished(lake.root)).length;
  if (unfinished > 0) {
    const detail = `${countOf(unfinished, 'erasure')} not finished: run \`pipeline forget --resume\``;
    return { status: 'warn', detail };
  }
  if (without.length === 0) return ok('every dataset that lands direct fields has a lookup');
  return { status: 'warn', detail: `no person can be erased from ${without.join(', ')}: ${LAND_A_LOOKUP}` };
}

const LAND_A_LOOKUP =
  'land a lookup, such as `email_token: { from: email, treat: token, scope: email, normal: email }`';

/** Any response passes. The definition's headers and query are not sent. */
async function checkSource({ source }: Definition, { fetch, signal }: Effects): Promise<DoctorResult> {
  if (source.baseUrl === 'embedded') return ok('embedded server');
  if (source.baseUrl.startsWith('file:')) return ok('project files');
  const url = new URL(source.baseUrl);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SOURCE_TIMEOUT_MS)]);
  try {
    const answer = await fetch(url, { method: 'GET', headers: {}, signal: limit });
    answer.discard();
    return ok(`${url.origin} responds`);
  } catch {
    const kind = limit.aborted ? `timeout after ${SOURCE_TIMEOUT_MS / 1000} s` : 'no connection';
    throw failure('E_SOURCE_CONNECT', { kind }, { origin: url.origin });
  }
}

async function checkLake({ lake }: Project): Promise<DoctorResult> {
  const manifests = await lake.list();
  const { unfinished_commits, dead_staging } = await findLeftBehind(lake.root);
  const waiting = unfinished_commits.length + dead_staging.length;
  const landed =
    manifests.length === 0 ? 'no data yet' : `${manifests.length} partitions with readable manifests`;
  if (waiting === 0) return ok(landed);
  return {
    status: 'warn',
    detail: `${landed}; ${waiting} stopped runs left files: clean up with \`pipeline verify\``,
  };
}

async function checkLedger({ config }: Project): Promise<DoctorResult> {
  let runs = 0;
  let skipped = 0;
  for await (const { kind } of listRuns(config.lakeDir)) {
    if (kind === 'run') runs += 1;
    else skipped += 1;
  }
  if (skipped === 0) return ok(runs === 0 ? 'no runs yet' : `${runs} runs`);
  return {
    status: 'warn',
    detail: `${runs} runs and ${skipped} invalid files: list them with \`pipeline runs\``,
  };
}

async function checkWarehouse(project: Project): Promise<DoctorResult> {
  try {
    await readOps(project.config.databasePath, 'from ops.warehouse');
    return ok(`${project.config.databasePath} is readable`);
  } catch (error) {
    const isAbsent = error instanceof LakeveilError && error.code === 'E_NO_WAREHOUSE';
    if (!isAbsent) throw error;
    return ok('none yet: create them with `pipeline run` or `pipeline init-db`');
  }
}

function ok(detail: string): DoctorResult {
  return { status: 'ok', detail };
}

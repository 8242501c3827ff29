import { assertPatterns } from '../../anonymize/patterns.js';
import type { Config } from '../../base/config/config.js';
import { toLakeveilError } from '../../base/defect.js';
import type { Effects } from '../../base/effects.js';
import { failure, LakeveilError } from '../../base/errors.js';
import type { Definition } from '../../base/types/definition.js';
import { compileContract } from '../../contract/contract.js';
import { listRuns } from '../../ledger/read-runs.js';
import { openProject, type Project } from '../../project.js';
import { openWarehouse } from '../report/report-on.js';
import { findLeftBehind } from '../status/read-status.js';
import type { Check, CheckResult } from './doctor.js';

/** How long a source may take to answer that it is there. */
const SOURCE_TIMEOUT_MS = 5_000;

/** What doctor looks at in a project: its definitions, and, if they can be read, its sources, lake and warehouse. */
export async function listProjectChecks(context: {
  readonly config: Config;
  readonly effects: Effects;
}): Promise<Check[]> {
  try {
    const project = await openProject(context);
    const definitions = [...project.definitions.values()];
    return [
      { name: 'definitions', run: () => checkDefinitions(definitions) },
      ...definitions.map((definition) => ({
        name: `source of ${definition.pipeline}`,
        run: () => checkSource(definition, context.effects),
      })),
      { name: 'landed', run: () => checkLake(project) },
      { name: 'ledger', run: () => checkLedger(project) },
      { name: 'tables', run: () => checkWarehouse(project) },
    ];
  } catch (error) {
    return [{ name: 'definitions', run: () => Promise.reject(toLakeveilError(error)) }];
  }
}

async function checkDefinitions(definitions: readonly Definition[]): Promise<CheckResult> {
  if (definitions.length === 0) return { status: 'warn', detail: 'there is none in pipelines/' };
  for (const { datasets } of definitions) {
    for (const dataset of datasets.values()) {
      compileContract(dataset.contract, dataset.name);
      await assertPatterns(dataset);
    }
  }
  return ok(`${definitions.map(({ pipeline }) => pipeline).join(', ')}: valid, and their patterns compile`);
}

/** Any answer will do: what counts is that there is one. No header or query of the definition is sent. */
async function checkSource({ source }: Definition, { fetch, signal }: Effects): Promise<CheckResult> {
  if (source.baseUrl === 'embedded') return ok('embedded: it comes with the program');
  if (source.baseUrl.startsWith('file:')) return ok('files of the project');
  const url = new URL(source.baseUrl);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SOURCE_TIMEOUT_MS)]);
  try {
    const answer = await fetch(url, { method: 'GET', headers: {}, signal: limit });
    answer.discard();
    return ok(`${url.origin} answers`);
  } catch {
    const kind = limit.aborted ? `none within ${SOURCE_TIMEOUT_MS / 1000} s` : 'no connection';
    throw failure('E_SOURCE_CONNECT', { kind }, { origin: url.origin });
  }
}

async function checkLake({ lake }: Project): Promise<CheckResult> {
  const manifests = await lake.list();
  const { unfinished_commits, dead_staging } = await findLeftBehind(lake.root);
  const waiting = unfinished_commits.length + dead_staging.length;
  const landed =
    manifests.length === 0 ? 'nothing yet' : `${manifests.length} partitions, manifests readable`;
  if (waiting === 0) return ok(landed);
  return {
    status: 'warn',
    detail: `${landed}; ${waiting} stopped runs left something: \`pipeline verify\` clears it`,
  };
}

async function checkLedger({ config }: Project): Promise<CheckResult> {
  let runs = 0;
  let skipped = 0;
  for await (const { kind } of listRuns(config.lakeDir)) {
    if (kind === 'run') runs += 1;
    else skipped += 1;
  }
  if (skipped === 0) return ok(runs === 0 ? 'nothing has run yet' : `${runs} runs`);
  return {
    status: 'warn',
    detail: `${runs} runs, and ${skipped} files that are none: \`pipeline runs\` names them`,
  };
}

async function checkWarehouse(project: Project): Promise<CheckResult> {
  try {
    (await openWarehouse(project, null)).close();
    return ok(`${project.config.databasePath} can be read`);
  } catch (error) {
    const isAbsent = error instanceof LakeveilError && error.code === 'E_NO_WAREHOUSE';
    if (!isAbsent) throw error;
    return ok('none yet: `pipeline run` or `pipeline init-db` makes them');
  }
}

function ok(detail: string): CheckResult {
  return { status: 'ok', detail };
}

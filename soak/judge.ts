import { DuckDBInstance } from '@duckdb/node-api';
import { scanProject } from '../src/actions/leakscan/leakscan.js';
import { measureTable } from '../src/actions/privacy/measure-table.js';
import { readStatus } from '../src/actions/status/read-status.js';
import { evaluateVerify, verifyLake } from '../src/actions/verify/verify-lake.js';
import { LakeveilError } from '../src/base/errors.js';
import { quoteName, quoteText, readRows } from '../src/base/duckdb.js';
import { readRuns } from '../src/ledger/read-runs.js';
import type { Project } from '../src/project.js';
import { scanForCanaries } from '../tests/support/canary.js';
import { type Landing, nameLanding } from './day.js';

/** Each check returns one line per problem; empty if there is none. */

/** Everything that was due has landed and is built. */
export async function evaluateDates(project: Project, due: readonly Landing[]): Promise<string[]> {
  const manifests = await project.lake.list();
  const landed = new Set(manifests.map(({ dataset, date, slot }) => `${dataset} ${date} ${slot ?? ''}`));
  const missing = due.flatMap((landing) => {
    const datasets = project.definitions.get(landing.pipeline)?.datasets ?? new Map<string, never>();
    return [...datasets.values()].flatMap(({ name, slot }) => {
      const own = slot === null ? '' : (landing.slot ?? '');
      return landed.has(`${name} ${landing.date} ${own}`)
        ? []
        : [`${nameLanding(landing)}: ${name} is missing`];
    });
  });
  return [...missing, ...(await checkBuilt(project, due))];
}

async function checkBuilt(project: Project, due: readonly Landing[]): Promise<string[]> {
  const to = due.at(-1)?.date ?? null;
  const wrong: string[] = [];
  for (const pipeline of project.definitions.keys()) {
    const { datasets, ...left } = await readStatus(project, { pipeline, from: null, to, limit: 1 });
    for (const { dataset, counts } of datasets) {
      const unbuilt = counts.not_built + counts.stale + counts.old_policy;
      if (unbuilt > 0) wrong.push(`${dataset}: ${unbuilt} partitions are not built or out of date`);
    }
    if (left.dead_staging.length + left.unfinished_commits.length > 0)
      wrong.push(`${pipeline}: a run left files behind`);
  }
  return wrong;
}

/** Every record of each run is accounted for, and the manifests have the same row counts. */
export async function evaluateCounts(project: Project): Promise<{ wrong: string[]; landed: number }> {
  const { runs } = await readRuns(project.config.lakeDir, Number.POSITIVE_INFINITY);
  const wrong: string[] = [];
  for (const { run_id, status, datasets } of runs) {
    if (status !== 'succeeded' && status !== 'unchanged') continue;
    for (const { dataset, fetched, landed, rejected, duplicates, forgotten } of datasets) {
      if (fetched !== landed + rejected + duplicates + forgotten)
        wrong.push(`${run_id}: ${dataset} does not add up`);
    }
  }
  const manifests = await project.lake.list();
  for (const { dataset, date, counts, files } of manifests) {
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    if (rows !== counts.landed) wrong.push(`${dataset} of ${date}: ${rows} rows, ${counts.landed} landed`);
  }
  return { wrong, landed: manifests.reduce((sum, { counts }) => sum + counts.landed, 0) };
}

/** No canary is in any byte or cell below `dir`, or in the output. */
export async function checkCanaries(
  dir: string,
  outputs: Readonly<Record<string, string>>,
): Promise<string[]> {
  const findings = await scanForCanaries([dir], outputs);
  return findings.map(({ needle, where, form }) => `the canary of ${needle} is in ${where} (${form})`);
}

export async function checkLake(project: Project): Promise<string[]> {
  const report = await verifyLake(project, { date: null });
  const error = evaluateVerify(report);
  return error === null ? [] : [`verify: ${error.code}, ${report.problems.length} problems`];
}

/** Nothing on disk is without the shape of its treatment. */
export async function checkLeaks(project: Project): Promise<string[]> {
  const { findings } = await scanProject(project, { canary: null });
  return findings.filter(({ kind }) => kind === 'leak').map(({ path }) => `leakscan: a leak in ${path}`);
}

/** Each release, as it is published, meets what it requires. */
export async function checkReleases(project: Project): Promise<string[]> {
  const wrong: string[] = [];
  for (const { releases } of project.definitions.values())
    for (const { name } of releases) {
      const request = { target: name, quasi: [], sensitive: [], person: null, nulls: 'own' } as const;
      await measureTable(project.config.databasePath, request, project.effects).catch((error: unknown) => {
        if (!(error instanceof LakeveilError)) throw error;
        wrong.push(`${name}: ${error.code}, ${error.message}`);
      });
    }
  return wrong;
}

/** Columns with the run and time of a landing, which differ between two worlds. */
export const OWN_COLUMNS = ['_run_id', '_landed_at', '_source'];

/** The tables of two warehouses have the same rows. */
export async function checkTables(
  path: string,
  otherPath: string,
): Promise<{ wrong: string[]; tables: number; rows: number }> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`attach ${quoteText(path)} as here (read_only)`);
    await connection.run(`attach ${quoteText(otherPath)} as there (read_only)`);
    const list = `select database_name as world, schema_name as schema, table_name as name from duckdb_tables()
      where schema_name in ('silver', 'gold', 'main') and not temporary order by all`;
    const tables = await readRows(connection, list);
    const namesIn = (world: string): string[] =>
      tables.flatMap((row) =>
        row['world'] === world
          ? [`${quoteName(String(row['schema']))}.${quoteName(String(row['name']))}`]
          : [],
      );
    const [names, others] = [namesIn('here'), namesIn('there')];
    const wrong = names.join() === others.join() ? [] : ['the two worlds have different tables'];
    let rows = 0;
    for (const name of names.filter((one) => others.includes(one))) {
      const [own, other] = ['here', 'there'].map((world) => `from ${world}.${name}`);
      const except = `select * exclude (${OWN_COLUMNS.join(', ')})`;
      const has = await readRows(connection, `select column_name from (describe ${own ?? ''})`);
      const columns = has.some((row) => row['column_name'] === '_run_id') ? except : 'select *';
      const [found] = await readRows(
        connection,
        `select (select count(*) ${own ?? ''})::integer as rows,
          (select count(*) from (${columns} ${own ?? ''} except all ${columns} ${other ?? ''}))::integer as extra,
          (select count(*) from (${columns} ${other ?? ''} except all ${columns} ${own ?? ''}))::integer as lost`,
      );
      rows += Number(found?.['rows']);
      const [extra, lost] = [Number(found?.['extra']), Number(found?.['lost'])];
      if (extra + lost > 0) wrong.push(`${name}: ${extra} unexpected rows, ${lost} missing rows`);
    }
    return { wrong, tables: names.length, rows };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

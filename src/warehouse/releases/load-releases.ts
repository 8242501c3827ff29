import { createHash } from 'node:crypto';
import { quoteName } from '../../base/duckdb.js';
import { failure, tryEach } from '../../base/errors.js';
import type { Ladder, Release, ReleaseDefinition } from '../../base/types/release.js';
import type { WarehousePipeline } from '../landed-partition.js';
import { makeReleased } from '../materializations/released.js';
import type { Model } from '../models/model.js';
import type { Inspect } from '../sql/inspect-sql.js';
import { foldName } from '../sql/syntax-tree.js';
import { loadLadder } from './ladder.js';

/** More would take minutes. */
const MAX_COMBINATIONS = 2_000;

/**
 * The releases of a pipeline as models, each of which selects the columns of its table.
 * @param models of the whole project
 * @throws E_MODEL for a table that is no model, a ladder that is no hierarchy, or too many combinations; E_DISK_READ
 */
export async function loadReleases(
  inspect: Inspect,
  { pipeline, sqlDir, releases }: WarehousePipeline,
  models: readonly Model[],
): Promise<Model[]> {
  const file = `pipelines/${pipeline}.yaml`;
  return tryEach(releases, async (definition) => {
    const from = models.find(({ name }) => name === definition.from);
    if (from === undefined) {
      const known = models.map(({ name }) => name).sort();
      throw releaseError(
        definition.name,
        file,
        `there is no table ${definition.from}`,
        `name one of: ${known.join(', ')}`,
      );
    }
    const folder = { sqlDir, label: `sql/${pipeline}` };
    const loaded = await tryEach(definition.ladders, ([column, ladder]) =>
      loadLadder(column, ladder, folder),
    );
    const steps = new Map(loaded.map((ladder) => [ladder.column, ladder]));
    assertCombinations(definition.name, loaded, file);
    const { dateColumn } = from.planner;
    // DuckDB does not distinguish capitals in names.
    const isDate = (column: string): boolean =>
      dateColumn !== null && foldName(column) === foldName(dateColumn);
    const date = definition.columns.find(isDate) ?? null;
    const release = { ...definition, steps, date, digest: digestRelease(definition, loaded) };
    return makeModel(inspect, release, { pipeline, file });
  });
}

/** How many combinations of levels there are. */
function assertCombinations(name: string, ladders: readonly Ladder[], file: string): void {
  const count = ladders.reduce((product, { levels }) => product * levels.length, 1);
  if (count <= MAX_COMBINATIONS) return;
  const problem = `the ladders have ${count} combinations of levels, and at most ${MAX_COMBINATIONS} are tried`;
  throw releaseError(name, file, problem, 'give the ladders fewer steps, or fewer columns a ladder');
}

async function makeModel(
  inspect: Inspect,
  release: Release,
  { pipeline, file }: { readonly pipeline: string; readonly file: string },
): Promise<Model> {
  const { name, from, columns, description, steps, date } = release;
  const list = columns.map((column) =>
    steps.has(column) ? `cast(${quoteName(column)} as varchar) as ${quoteName(column)}` : quoteName(column),
  );
  const sql = `select ${list.join(', ')} from ${from}`;
  const select = await inspect(sql);
  if ('problem' in select) throw releaseError(name, file, select.problem, 'correct the names of the columns');
  const [, table = ''] = name.split('.');
  return {
    name,
    pipeline,
    schema: 'gold',
    table,
    file,
    description: description === '' ? `Release of ${from}, generalized.` : description,
    sql,
    reads: [from],
    materialize: 'release',
    ...makeReleased(date),
    deletes: null,
    statement: select.statement,
    exposes: new Map(),
    isOrdered: false,
    publishedAs: null,
    hasStar: false,
    line: 1,
    release,
  };
}

/** The description decides no row: a new one leaves the versions comparable. */
function digestRelease({ ladders, ...definition }: ReleaseDefinition, steps: readonly Ladder[]): string {
  return createHash('sha256')
    .update(JSON.stringify([{ ...definition, description: '' }, [...ladders.keys()], steps]))
    .digest('hex');
}

export function releaseError(name: string, file: string, problem: string, fix: string) {
  const where = { file, field: `releases.${name}`, model: name, stage: 'transform' };
  return failure('E_MODEL', { problem: `${name}: ${problem}`, fix }, where);
}

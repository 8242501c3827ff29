import { failure } from '../../base/errors.js';
import type { SqlCheck } from '../checks/check.js';
import { nameSqlFailure } from '../sql/run-sql.js';
import type { OpenLineage } from './bind-project.js';
import type { LineageInstance } from './lineage-room.js';
import type { BoundSelect } from './model-lineage.js';
import { listRestrictions, restrict } from './restrictions.js';

/**
 * The number of rows that a check finds is recorded and published, so a raw-only column that decides it needs a reason.
 * @throws E_MODEL for a check that does not bind; E_LINEAGE for a column without a reason, or a reason without need
 */
export async function assertChecks(
  { instance, relations }: Pick<OpenLineage, 'instance' | 'relations'>,
  checks: readonly SqlCheck[],
): Promise<void> {
  const known = listRestrictions(relations.values(), true);
  for (const check of checks) {
    const scan = await instance.scan(await bind(instance, check), []);
    const found = [...scan.columns, ...scan.tables]
      .map((name) => restrict(check.name, { ...scan, columns: [name], tables: [] }, known))
      .filter((restriction) => restriction !== null && !restriction.hasReason);
    const columns = new Map(found.map((one) => [one?.path.at(-1)?.split('.').at(-1) ?? '', one?.path ?? []]));
    for (const [column, path] of columns)
      if (!check.exposes.has(column)) throw unexposed(check, column, path);
    const needless = [...check.exposes.keys()].find((column) => !columns.has(column));
    if (needless !== undefined) {
      const problem = `check ${check.name} does not depend on a raw-only column ${needless}`;
      throw checkError(check, problem, 'remove its `-- exposes: …`');
    }
  }
}

async function bind(instance: LineageInstance, { name, file, sql }: SqlCheck): Promise<BoundSelect> {
  try {
    return await instance.bind(sql);
  } catch (error) {
    throw nameSqlFailure(error, `check ${name}`, file, { file, stage: 'transform' });
  }
}

function unexposed(check: SqlCheck, column: string, path: readonly string[]) {
  const problem = `the number of rows of check ${check.name} depends on ${column}, which is raw only: ${path.join(' ← ')}`;
  return checkError(
    check,
    problem,
    `write it without ${column}, or add \`-- exposes: ${column} because WHY\` to the head`,
  );
}

function checkError({ file }: SqlCheck, problem: string, fix: string) {
  return failure('E_LINEAGE', { problem, fix }, { file, stage: 'transform' });
}

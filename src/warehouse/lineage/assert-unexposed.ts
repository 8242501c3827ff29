import { failure } from '../../base/errors.js';
import { foldName } from '../sql/syntax-tree.js';
import type { KeptTable } from './kept-columns.js';
import type { LineageInstance } from './lineage-room.js';
import type { BoundSelect } from './model-lineage.js';
import type { Restriction } from '../relation.js';
import { restrict, type Restrictions } from './restrictions.js';

/** The parts of a model or a report that determine what it shows. */
export interface Shown {
  readonly name: string;
  readonly file: string;
  /** The `exposes` reasons by column. */
  readonly exposes: ReadonlyMap<string, string>;
  /** Columns of silver need no reason until something shows them. */
  readonly schema: 'silver' | 'gold' | 'report' | 'table' | 'query';
}

/**
 * Rejects a gold model or a report with a column that derives from a raw-only column, or whose rows are selected by one,
 * without a reason; also rejects a reason for a column that needs none. A reason in silver ends the restriction for
 * everything built on the column. A reason in gold applies to gold only, because a report is published further.
 * @param known restrictions of everything that it reads
 * @returns its own restrictions by column; under its own name those of its rows, which end if each column has a reason
 * @throws E_LINEAGE with the path of the column
 */
export async function assertUnexposed(
  instance: LineageInstance,
  model: Shown,
  select: BoundSelect,
  kept: KeptTable,
  known: Restrictions,
): Promise<ReadonlyMap<string, Restriction>> {
  const all = select.columns.map((_, place) => place);
  if (restrict(model.name, await instance.scan(select, all), known) === null)
    return assertNoReasons(model, kept);
  assertNamed(model, kept);
  const own = new Map<string, Restriction>();
  const isSilver = model.schema === 'silver';
  const rows = restrict(model.name, await instance.scan(select, kept.needs), known);
  for (const { name, from } of kept.columns) {
    const restriction = restrict(`${model.name}.${name}`, await instance.scan(select, from), known);
    const isExplained = model.exposes.has(foldName(name));
    if (restriction === null && isExplained) throw reasonFailure(model, name);
    if (restriction === null) continue;
    if (!restriction.hasReason && !isExplained && !isSilver)
      throw unexposedError(model, name, restriction, rows);
    own.set(`${model.name}.${name}`, withReason(restriction, isSilver && isExplained));
  }
  const isExplained = kept.columns.every(({ name }) => model.exposes.has(foldName(name)));
  if (rows !== null) own.set(model.name, withReason(rows, isSilver && isExplained));
  return own;
}

function withReason(restriction: Restriction, hasReason: boolean): Restriction {
  return { ...restriction, hasReason: restriction.hasReason || hasReason };
}

/** Rejects reasons in a model that reads nothing restricted, and returns no restrictions. @throws E_LINEAGE */
export function assertNoReasons(model: Shown, kept: KeptTable): ReadonlyMap<string, Restriction> {
  assertNamed(model, kept);
  const [column] = model.exposes.keys();
  if (column !== undefined) throw reasonFailure(model, column);
  return new Map();
}

function assertNamed(model: Shown, { columns }: KeptTable): void {
  const stranger = [...model.exposes.keys()].find(
    (exposed) => !columns.some(({ name }) => foldName(name) === exposed),
  );
  if (stranger === undefined) return;
  const names = columns.map(({ name }) => name).join(', ');
  throw lineageError(model, `\`exposes\` names ${stranger}, which is not a column`, `name one of: ${names}`);
}

function unexposedError(model: Shown, name: string, restriction: Restriction, rows: Restriction | null) {
  const { unknown } = restriction;
  const isReader = model.schema === 'query' || model.schema === 'table';
  const [own = '', ...path] = restriction.path;
  const column = isReader ? `column ${name}` : own;
  const source = path.at(-1) ?? '';
  const isRaw = source.startsWith('bronze.');
  const landed = source.replace(/^bronze\./, '');
  // A plan separates what selects rows from what a column shows, but not whether the column also shows it.
  const orRows = rows !== null && !rows.hasReason ? ', or of rows that it selects' : '';
  const problem = isRaw
    ? `${column} is made of ${landed}, which is raw only${orRows}`
    : `${column} cannot be traced: lineage does not support ${unknown ?? 'a part'} in its plan`;
  const note =
    isRaw && unknown !== null
      ? ` (lineage does not support ${unknown} in its plan, so everything that is read counts)`
      : '';
  const way = isReader ? path : [own, ...path];
  const shown = way.length > 1 ? `: ${way.join(' ← ')}` : '';
  const fix = isReader ? describeWayOut(path) : describeHead(name);
  return lineageError(model, `${problem}${note}${shown}`, fix);
}

function describeHead(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(foldName(name))
    ? `remove it, or add \`-- exposes: ${foldName(name)} because WHY\` to the head`
    : 'give the column an alias of letters, digits and `_`';
}

/** Who reads a table can only leave a column out; its model can give the reason. */
function describeWayOut([first = '']: readonly string[]): string {
  const [schema = '', table = '', column = ''] = first.split('.');
  if (column === '' || schema === 'bronze') return 'leave it out';
  return `leave it out, or add \`-- exposes: ${column} because WHY\` to the head of ${schema}.${table}`;
}

function reasonFailure(model: Shown, column: string) {
  return lineageError(
    model,
    `${column} does not derive from a raw-only column`,
    'remove its `-- exposes: …`',
  );
}

function lineageError({ name, file, schema }: Shown, problem: string, fix: string) {
  const isModel = schema === 'silver' || schema === 'gold';
  const where = isModel ? { model: name, stage: 'transform' } : { stage: 'report' };
  return failure('E_LINEAGE', { problem, fix }, file === '' ? where : { file, ...where });
}

import { failure } from '../../base/errors.js';
import { foldName } from '../sql/syntax-tree.js';
import type { KeptTable } from './kept-columns.js';
import type { LineageInstance } from './lineage-room.js';
import type { BoundSelect } from './model-lineage.js';
import { restrict, type Restriction, type Restrictions } from './restrictions.js';

/** The parts of a model or a report that determine what it shows. */
export interface Shown {
  readonly name: string;
  readonly file: string;
  /** The `exposes` reasons by column. */
  readonly exposes: ReadonlyMap<string, string>;
  /** Columns of silver need no reason, because only readers of tables see them. */
  readonly schema: 'silver' | 'gold' | 'report';
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
  const own = new Map<string, Restriction>();
  const all = select.columns.map((_, place) => place);
  if (restrict(model.name, await instance.scan(select, all), known) === null) {
    assertNoReasons(model, kept);
    return own;
  }
  assertNamed(model, kept);
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

/** Rejects reasons in a model that reads nothing restricted. @throws E_LINEAGE */
export function assertNoReasons(model: Shown, kept: KeptTable): void {
  assertNamed(model, kept);
  const [column] = model.exposes.keys();
  if (column !== undefined) throw reasonFailure(model, column);
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
  const { path, unknown } = restriction;
  const column = `${model.name}.${name}`;
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
  const fix = /^[a-z_][a-z0-9_]*$/.test(foldName(name))
    ? `remove it, or add \`-- exposes: ${foldName(name)} because WHY\` to the head`
    : 'give the column an alias of letters, digits and `_`';
  return lineageError(model, `${problem}${note}${path.length > 1 ? `: ${path.join(' ← ')}` : ''}`, fix);
}

function reasonFailure(model: Shown, column: string) {
  return lineageError(
    model,
    `${column} does not derive from a raw-only column`,
    'remove its `-- exposes: …`',
  );
}

function lineageError({ name, file, schema }: Shown, problem: string, fix: string) {
  const where = schema === 'report' ? { stage: 'report' } : { model: name, stage: 'transform' };
  return failure('E_LINEAGE', { problem, fix }, { file, ...where });
}

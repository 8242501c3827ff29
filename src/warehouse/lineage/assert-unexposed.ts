import { failure } from '../../base/errors.js';
import { foldName } from '../sql/syntax-tree.js';
import type { KeptTable } from './kept-columns.js';
import type { LineageRoom } from './lineage-room.js';
import type { BoundSelect } from './model-lineage.js';
import { restrict, type Restriction, type Restrictions } from './restrictions.js';

/** A model or a report, as far as it matters what it shows. */
export interface Shown {
  readonly name: string;
  readonly file: string;
  /** Reasons by column why it may be shown. */
  readonly exposes: ReadonlyMap<string, string>;
  /** Silver is seen by those alone who read tables: its columns need no reason. */
  readonly schema: 'silver' | 'gold' | 'report';
}

/**
 * Refuses a gold model or a report of which a column is made of what is raw only, or comes from rows that it decides,
 * without saying why; and a reason for a column that needs none. A reason in silver ends the restriction for all that is
 * built on the column; one in gold is for gold alone, since a report goes further.
 * @param known restrictions of all that it reads
 * @returns its own, by column; by its own name those of its rows, which end where each column has a reason
 * @throws E_LINEAGE with the way that the column came by
 */
export async function assertUnexposed(
  room: LineageRoom,
  model: Shown,
  select: BoundSelect,
  kept: KeptTable,
  known: Restrictions,
): Promise<ReadonlyMap<string, Restriction>> {
  const own = new Map<string, Restriction>();
  const all = select.columns.map((_, place) => place);
  if (restrict(model.name, await room.scan(select, all), known) === null) {
    assertNoReasons(model, kept);
    return own;
  }
  assertNamed(model, kept);
  const isSilver = model.schema === 'silver';
  const rows = restrict(model.name, await room.scan(select, kept.needs), known);
  for (const { name, from } of kept.columns) {
    const restriction = restrict(`${model.name}.${name}`, await room.scan(select, from), known);
    const isExplained = model.exposes.has(foldName(name));
    if (restriction === null && isExplained) throw reasonFailure(model, name);
    if (restriction === null) continue;
    if (!restriction.hasReason && !isExplained && !isSilver)
      throw refuseColumn(model, name, restriction, rows);
    own.set(`${model.name}.${name}`, withReason(restriction, isSilver && isExplained));
  }
  const isExplained = kept.columns.every(({ name }) => model.exposes.has(foldName(name)));
  if (rows !== null) own.set(model.name, withReason(rows, isSilver && isExplained));
  return own;
}

function withReason(restriction: Restriction, hasReason: boolean): Restriction {
  return { ...restriction, hasReason: restriction.hasReason || hasReason };
}

/** Refuses reasons of a model that reads nothing restricted. @throws E_LINEAGE */
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
  throw refuse(model, `\`exposes\` names ${stranger}, which it has no column of`, `name one of: ${names}`);
}

function refuseColumn(model: Shown, name: string, restriction: Restriction, rows: Restriction | null) {
  const { path, unknown } = restriction;
  const column = `${model.name}.${name}`;
  const source = path.at(-1) ?? '';
  const isRaw = source.startsWith('bronze.');
  const landed = source.replace(/^bronze\./, '');
  // A plan tells what decides the rows apart from what a column shows, but not whether the column shows that as well.
  const orRows = rows !== null && !rows.hasReason ? ', or of rows that it decides' : '';
  const problem = isRaw
    ? `${column} is made of ${landed}, which is raw only${orRows}`
    : `${column} may be made of anything: DuckDB plans it with ${unknown ?? 'a part'}, which is not known to lineage`;
  const note =
    isRaw && unknown !== null
      ? ` (${unknown} in its plan is not known, and stands for all that is read)`
      : '';
  const fix = /^[a-z_][a-z0-9_]*$/.test(foldName(name))
    ? `take it out, or say \`-- exposes: ${foldName(name)} because WHY\` in the head`
    : 'give the column an alias of letters, digits and `_`';
  return refuse(model, `${problem}${note}${path.length > 1 ? `: ${path.join(' ← ')}` : ''}`, fix);
}

function reasonFailure(model: Shown, column: string) {
  return refuse(model, `${column} is not made of anything raw only`, 'take its `-- exposes: …` out');
}

function refuse({ name, file, schema }: Shown, problem: string, fix: string) {
  const where = schema === 'report' ? { stage: 'report' } : { model: name, stage: 'transform' };
  return failure('E_LINEAGE', { problem, fix }, { file, ...where });
}

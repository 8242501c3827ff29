import { failure } from '../../base/errors.js';
import type { ColumnLineage, ModelLineage } from './model-lineage.js';

/** A SELECT whose columns are seen by others, or may be. */
export interface Shown {
  readonly name: string;
  readonly file: string;
  /** Why columns may be shown that are made of what is raw only. */
  readonly exposes: ReadonlyMap<string, string>;
  /** Silver is seen by those alone who read tables. */
  readonly schema: 'silver' | 'gold' | 'report';
}

/** What one column shows that it must not, with the way that it came by; null if there is nothing. */
interface Exposure {
  readonly problem: string;
  /** From the column on, back to what has landed. */
  readonly way: readonly string[];
}

/**
 * Refuses a gold model or a report that shows what is raw only, or what nobody can tell the making of, without saying
 * why; and one that says so of a column that shows no such thing.
 * @param lineages of them, and of all that they read
 * @throws E_LINEAGE with the way that the column came by
 */
export function assertUnexposed(shown: readonly Shown[], lineages: readonly ModelLineage[]): void {
  const byName = new Map(lineages.map((lineage) => [lineage.model, lineage]));
  const columns = new Map(
    lineages.flatMap(({ model, columns: of }) => of.map((column) => [`${model}.${column.name}`, column])),
  );
  for (const model of shown) {
    const lineage = byName.get(model.name);
    if (model.schema !== 'silver' && lineage !== undefined) assertModel(model, lineage, columns);
  }
}

function assertModel(
  model: Shown,
  { columns }: ModelLineage,
  known: ReadonlyMap<string, ColumnLineage>,
): void {
  for (const column of columns) {
    const exposure = findExposure(`${model.name}.${column.name}`, column, known);
    if (exposure !== null && column.exposes === null) throw refuseExposure(model, column, exposure);
    if (exposure === null && column.exposes !== null)
      throw refuse(model, `${column.name} is not made of anything raw only`, 'take its `-- exposes: …` out');
  }
  const [stranger] = [...model.exposes.keys()].filter(
    (name) => !columns.some((column) => column.name === name),
  );
  if (stranger === undefined) return;
  const names = columns.map(({ name }) => name).join(', ');
  throw refuse(model, `\`exposes\` names ${stranger}, which it has no column of`, `name one of: ${names}`);
}

function findExposure(
  name: string,
  column: ColumnLineage,
  known: ReadonlyMap<string, ColumnLineage>,
): Exposure | null {
  const [unknown] = column.unknown;
  const raw = column.landed.find(({ rawOnly }) => rawOnly);
  if (raw !== undefined) {
    const end = `bronze.${raw.dataset}.${raw.column}`;
    const problem = `${name} is made of ${raw.dataset}.${raw.column}, which is raw only`;
    return { problem: explainAll(problem, column), way: findWay(name, known, (_, at) => at === end) };
  }
  if (unknown === undefined) return null;
  const isSource = (at: ColumnLineage | undefined): boolean =>
    at?.unknown.includes(unknown) === true &&
    !at.reads.some((read) => known.get(read)?.unknown.includes(unknown));
  const problem = `${name} may be made of anything: \`${unknown}\` of SQL is not known to lineage`;
  return { problem, way: findWay(name, known, isSource) };
}

/** Explains a way that nobody wrote: by a name that is no column, or by SQL that is not known. */
function explainAll(problem: string, { unresolved: [name], unknown: [part] }: ColumnLineage): string {
  if (name !== undefined) return `${problem} (\`${name}\` is no column, and stands for all that is read)`;
  return part === undefined
    ? problem
    : `${problem} (\`${part}\` is not known to lineage, and stands for all that is read)`;
}

/** The first way, by name, from a column back to where `isEnd` holds. */
function findWay(
  name: string,
  known: ReadonlyMap<string, ColumnLineage>,
  isEnd: (column: ColumnLineage | undefined, name: string) => boolean,
): readonly string[] {
  const column = known.get(name);
  if (isEnd(column, name)) return [name];
  for (const read of column?.reads ?? []) {
    const way = findWay(read, known, isEnd);
    if (way.length > 0) return [name, ...way];
  }
  return [];
}

function refuseExposure(model: Shown, { name }: ColumnLineage, { problem, way }: Exposure) {
  const fix =
    name === '*' || name.startsWith('(')
      ? 'name the columns, or give this one an alias'
      : `take the column out, or say \`-- exposes: ${name} because WHY\` in the head`;
  return refuse(model, way.length > 1 ? `${problem}: ${way.join(' ← ')}` : problem, fix);
}

function refuse({ name, file, schema }: Shown, problem: string, fix: string) {
  const where = schema === 'report' ? { stage: 'report' } : { model: name, stage: 'transform' };
  return failure('E_LINEAGE', { problem, fix }, { file, ...where });
}

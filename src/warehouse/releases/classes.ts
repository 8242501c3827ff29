import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, readRows, toNumber } from '../../base/duckdb.js';
import type { Ladder, ReleaseThresholds } from '../../base/types/release.js';
import { measure } from '../../privacy/measure.js';
import { makeLevels, textOfColumn } from './ladder.js';

/** Rows of a table as classes of people at each combination of levels. */
export interface Frame {
  /** Of its temporary tables. */
  readonly prefix: string;
  /** For `from`. */
  readonly relation: string;
  /** The column of the landing date, within which classes are counted; null to count them over all rows. */
  readonly date: string | null;
  /** The column of the landing date of a row where it is released: part of what is known by the list of all rows. */
  readonly rowDate: string | null;
  /** The column that names a person; null if each row is a person. */
  readonly person: string | null;
  /** A ladder for each quasi-identifier. */
  readonly quasi: readonly Ladder[];
  readonly sensitive: readonly string[];
  /** A token is released, so that a person is known by the list of all rows. */
  readonly isByPerson: boolean;
  /** Rows of one class are one row with a count: no person has two of a date, and nothing sensitive is measured. */
  readonly isCounted: boolean;
  readonly require: ReleaseThresholds;
}

/** A level for each quasi-identifier. */
export type Levels = readonly number[];

/** In place of a level: the values of the table, which level 0 of a ladder may not show. */
export const RAW = -1;

/** Whether level 0 shows the values of the table. */
export function showsValues({ levels }: Ladder): boolean {
  return levels[0]?.kind === 'keep';
}

/** What a combination of levels makes of a date. */
export interface LevelStats {
  /** `YYYY-MM-DD`; null for all rows. */
  readonly date: string | null;
  readonly people: number;
  /** People of whom a row is in a class that does not meet k or l. */
  readonly suppressed: number;
}

/** How identifying a release, or the table that it is made of, is on a date. */
export interface ClassFacts {
  readonly classes: number;
  readonly k: number | null;
  /** People who are alone in a class. */
  readonly unique_people: number;
  /** People in classes of a size, for each of `CLASS_SIZES`. */
  readonly sizes: readonly number[];
}

/** Least sizes of groups of classes: 1, 2 to 4, 5 to 9, and so on. */
export const CLASS_SIZES = [1, 2, 5, 10, 20, 50, 100] as const;

/** Stands for the date where there is none, so that dates can be joined. */
export const NO_DATE = '0001-01-01';

/** Numbers the values of each quasi-identifier at each level. */
export async function numberValues(
  connection: DuckDBConnection,
  { prefix, relation, quasi }: Frame,
): Promise<void> {
  for (const [index, ladder] of quasi.entries()) {
    const values = `(select distinct ${textOfColumn(ladder.column)} as value from ${relation})`;
    await makeLevels(connection, `${prefix}_q${index}`, ladder, values);
  }
}

/** Creates the table of rows with numbers in place of values, which `numberValues` has made. */
export async function makeRows(connection: DuckDBConnection, frame: Frame): Promise<void> {
  const { prefix, relation, rowDate, person, quasi, sensitive, isCounted } = frame;
  const codes = quasi.flatMap((ladder, index) => [
    ...(showsValues(ladder) ? [] : [`q${index}.raw as q${index}_raw`]),
    ...ladder.levels.map((_, level) => `q${index}.c${level} as q${index}_${level}`),
  ]);
  const columns = [
    `${rowDate === null ? `date '${NO_DATE}'` : `f.${quoteName(rowDate)}`} as d`,
    ...codes,
    ...sensitive.map((name, index) => `f.${quoteName(name)} as s${index}`),
  ];
  const from = `from ${relation} as f ${joinLevels(frame)}`;
  const name = person === null ? 'row_number() over ()' : `f.${quoteName(person)}`;
  const own = isCounted ? 'count(*) as n' : `${name} as person`;
  await connection.run(
    `create or replace temp table ${prefix}_rows as
     select ${[...columns, own].join(', ')} ${from}${isCounted ? ' group by all' : ''}`,
  );
}

/** Whether rows may be counted, since no person has two of a date. */
export async function areCounted(
  connection: DuckDBConnection,
  { relation, date, person, sensitive, isByPerson }: Omit<Frame, 'isCounted'>,
): Promise<boolean> {
  if (isByPerson || sensitive.length > 0) return false;
  if (person === null) return true;
  const name = quoteName(person);
  const key = [...(date === null ? [] : [quoteName(date)]), name].join(', ');
  // A row without a token is no person.
  const [row] = await readRows(
    connection,
    `select count(*) = count(distinct (${key})) and count(*) = count(${name}) as is_one from ${relation}`,
  );
  return row?.['is_one'] === true;
}

/** The classes of a combination: what a query over them needs. */
interface Classes {
  readonly keys: readonly string[];
  /** `with` parts named `keyed` and `classes`. */
  readonly parts: string;
}

function describeClasses(frame: Frame, levels: Levels): Classes {
  const { prefix, quasi, sensitive, isByPerson, isCounted, require } = frame;
  const own = quasi.flatMap((ladder, index) => {
    const level = levels[index] ?? 0;
    if (level === RAW) return [`q${index}_${showsValues(ladder) ? 0 : 'raw'}`];
    return ladder.levels[level]?.kind === 'all' ? [] : [`q${index}_${level}`];
  });
  const keys = isByPerson ? ['key'] : own;
  const row = ['d', ...own].map((name) => `r.${name}`).join(', ');
  const list = `list_sort(list(row(${row})) over (partition by r.person))`;
  const keyed = isByPerson
    ? `select r.* exclude (d), date '${NO_DATE}' as d, ${list} as key from ${prefix}_rows as r`
    : `from ${prefix}_rows`;
  const people = isCounted ? 'sum(n)::bigint' : 'count(distinct person)';
  const diverse = require.l === null ? [] : sensitive.map((_, index) => `count(distinct {'v': s${index}})`);
  const tests = [`${people} >= ${require.k}`, ...diverse.map((count) => `${count} >= ${require.l ?? 0}`)];
  const parts = `keyed as (${keyed}), classes as materialized (
    select ${['d', ...keys].join(', ')}, ${people} as people, ${tests.join(' and ')} as is_kept
    from keyed group by ${['d', ...keys].join(', ')})`;
  return { keys, parts };
}

/** A query of the dates, as `d`, with their people and those of whom a row is suppressed at a combination of levels. */
export function selectSuppressed(frame: Frame, levels: Levels): string {
  const { keys, parts } = describeClasses(frame, levels);
  const using = ['d', ...keys].join(', ');
  const totals = frame.isCounted
    ? `select d, sum(people) as people, coalesce(sum(people) filter (not is_kept), 0) as suppressed
       from classes group by d`
    : `select d, count(distinct person) as people, count(distinct person) filter (not is_kept) as suppressed
       from keyed join classes using (${using}) group by d`;
  return `with ${parts} ${totals}`;
}

/** The same, read. */
export async function countSuppressed(
  connection: DuckDBConnection,
  frame: Frame,
  levels: Levels,
): Promise<LevelStats[]> {
  const rows = await readRows(connection, `${selectSuppressed(frame, levels)} order by d`);
  return rows.map((row) => ({
    date: toDate(row['d']),
    people: toNumber(row['people']),
    suppressed: toNumber(row['suppressed']),
  }));
}

/** The classes of a combination by date: all of them, or those that are kept. */
export async function readFacts(
  connection: DuckDBConnection,
  frame: Frame,
  levels: Levels,
  which: 'all' | 'kept',
): Promise<Map<string | null, ClassFacts>> {
  const { parts } = describeClasses(frame, levels);
  const sizes = CLASS_SIZES.map((from, index) => {
    const next = CLASS_SIZES[index + 1];
    const until = next === undefined ? '' : ` and people < ${next}`;
    return `coalesce(sum(people) filter (people >= ${from}${until}), 0) as size${index}`;
  });
  const rows = await readRows(
    connection,
    `with ${parts} select d, count(*) as classes, min(people) as k, ${sizes.join(', ')}
     from classes${which === 'kept' ? ' where is_kept' : ''} group by d order by d`,
  );
  return new Map(
    rows.map((row) => {
      const own = CLASS_SIZES.map((_, index) => toNumber(row[`size${index}`]));
      const facts = { classes: toNumber(row['classes']), k: toNumber(row['k']), unique_people: own[0] ?? 0 };
      return [toDate(row['d']), { ...facts, sizes: own }];
    }),
  );
}

/** Distinct values of the poorest class, and the largest distance of a class, of one sensitive column. */
export interface SensitiveFacts {
  readonly column: string;
  readonly l: number | null;
  readonly t: number | null;
}

/** l and t of each sensitive column on a date; of all classes, or of those that are kept. */
export async function measureDate(
  connection: DuckDBConnection,
  frame: Frame,
  levels: Levels,
  { date, which }: { readonly date: string | null; readonly which: 'all' | 'kept' },
): Promise<SensitiveFacts[]> {
  const { sensitive } = frame;
  if (sensitive.length === 0) return [];
  const { keys, parts } = describeClasses(frame, levels);
  const names = sensitive.map((_, index) => `s${index}`);
  const columns = [...keys, ...names, 'person', '0 as constant'].join(', ');
  const filters = [`d = date '${date ?? NO_DATE}'`, ...(which === 'kept' ? ['is_kept'] : [])].join(' and ');
  const relation = `(with ${parts} select ${columns} from keyed join classes using (${['d', ...keys].join(', ')}) where ${filters})`;
  const { sensitive: measures } = await measure(connection, {
    relation,
    quasi: [...keys, 'constant'],
    sensitive: names,
    person: 'person',
    nulls: 'own',
  });
  return sensitive.map((column, index) => {
    const { l = null, t = null } = measures[`s${index}`] ?? {};
    return { column, l, t };
  });
}

/** Creates the table of what is kept: classes by date, or people. */
export async function makeKept(connection: DuckDBConnection, frame: Frame, levels: Levels): Promise<void> {
  const { keys, parts } = describeClasses(frame, levels);
  const kept = frame.isByPerson
    ? `select distinct person from keyed join classes using (${['d', ...keys].join(', ')}) where is_kept`
    : `select ${['d', ...keys].join(', ')} from classes where is_kept`;
  await connection.run(`create or replace temp table ${frame.prefix}_kept as with ${parts} ${kept}`);
}

/**
 * The rows of the table that are kept, once `makeKept` has said which: for `from`, with `f` for the table and `q0`, `q1`, …
 * for the levels of its quasi-identifiers.
 */
export function joinKept(frame: Frame, levels: Levels): string {
  const { prefix, relation, date, person, quasi, isByPerson } = frame;
  const same = quasi.flatMap(({ levels: all }, index) => {
    const level = levels[index] ?? 0;
    return all[level]?.kind === 'all' ? [] : [`kept.q${index}_${level} = q${index}.c${level}`];
  });
  const on = isByPerson
    ? `kept.person = f.${quoteName(person ?? '')}`
    : [`kept.d = ${date === null ? `date '${NO_DATE}'` : `f.${quoteName(date)}`}`, ...same].join(' and ');
  return `${relation} as f ${joinLevels(frame)} join ${prefix}_kept as kept on ${on}`;
}

/** The levels of each quasi-identifier, as `q0`, `q1`, …, beside the table, which is `f`. */
function joinLevels({ prefix, quasi }: Frame): string {
  const joins = quasi.map(
    ({ column }, index) =>
      `join ${prefix}_q${index} as q${index} on q${index}.value is not distinct from f.${textOfColumn(column)}`,
  );
  return joins.join(' ');
}

function toDate(value: unknown): string | null {
  const text = String(value);
  return text === NO_DATE ? null : text;
}

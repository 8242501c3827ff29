import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteTextList, readRows, toNumber } from '../../base/duckdb.js';
import { type BronzeDataset, landedName } from '../landed-partition.js';
import { type Frame, joinKept, type Levels } from './classes.js';

/** The attached file that is being replaced. */
export const BEFORE = 'before';

/**
 * Dates that have landed in the same places (datasets and hours) as in the file that is being replaced, so that they are
 * versions of each other, and whether all have.
 */
export async function findSamePlaces(
  connection: DuckDBConnection,
  datasets: readonly BronzeDataset[],
): Promise<{ readonly same: readonly string[]; readonly isWhole: boolean }> {
  const names = quoteTextList(datasets.map(landedName));
  const places = (catalog: string) =>
    `select date, list_sort(list(distinct dataset || ' ' || coalesce(slot, ''))) as places
     from ${catalog}ops.partitions where list_contains(${names}, dataset) group by date`;
  const rows = await readRows(
    connection,
    `select date::varchar as date, a.places is not distinct from b.places as is_same
     from (${places(`${BEFORE}.`)}) as b full join (${places('')}) as a using (date) order by date`,
  );
  const same = rows.filter((row) => row['is_same'] === true).map((row) => String(row['date']));
  return { same, isWhole: same.length === rows.length };
}

/** A version of a release: the rows of a table that are kept, at the levels by which two versions are compared. */
export interface Version {
  readonly frame: Frame;
  /** At which it is released. */
  readonly levels: Levels;
}

/**
 * Classes of which two versions hold almost the same people: 1 to k − 1 are in one of them alone, so that who has both can
 * subtract one from the other. `makeKept` has been called for both. By date, `YYYY-MM-DD`, or null.
 */
export async function compareVersions(
  connection: DuckDBConnection,
  before: Version,
  after: Version,
): Promise<Map<string | null, number>> {
  const shown = coarserOf(before.levels, after.levels);
  const sides = [before, after].map((version) => listMembers(version, shown));
  return countChanged(connection, sides, after.frame);
}

/** The same between each date and the one before it, of a snapshot. */
export async function compareDates(
  connection: DuckDBConnection,
  { frame, levels }: Version,
): Promise<Map<string | null, number>> {
  const members = `${frame.prefix}_members`;
  await connection.run(
    `create or replace temp table ${members} as
     select *, dense_rank() over (order by d) as number from (${listMembers({ frame, levels }, levels)})`,
  );
  const [row] = await readRows(connection, `select max(number) as last from ${members}`);
  const last = toNumber(row?.['last']);
  // Each date stands beside the next one.
  const sides = [
    `select * exclude (d, number), number + 1 as d from ${members} where number < ${last}`,
    `select * exclude (d, number), number as d from ${members} where number > 1`,
  ];
  const changed = await countChanged(connection, sides, frame);
  const dates = await readRows(
    connection,
    `select distinct d::varchar as date, number from ${members} order by number`,
  );
  return new Map(
    dates.flatMap(({ date, number }) =>
      toNumber(number) < 2 ? [] : [[String(date), changed.get(String(number)) ?? 0]],
    ),
  );
}

function coarserOf(a: Levels, b: Levels): Levels {
  return a.map((level, index) => Math.max(level, b[index] ?? 0));
}

/** Each person of each class once, with the classes named by what they show at some levels. */
function listMembers({ frame, levels }: Version, shown: Levels): string {
  const { person, date, isByPerson } = frame;
  const keys = shown.map((level, index) => `q${index}.t${level} as k${index}`);
  const day = date === null || isByPerson ? 'null::date as d' : `f.${quoteName(date)} as d`;
  const name = person === null ? 'null' : `f.${quoteName(person)}`;
  const select = `select${person === null ? '' : ' distinct'} ${[day, ...keys].join(', ')}, ${name} as person`;
  return `${select} from ${joinKept(frame, levels)}`;
}

/** Where no column names people, their number is compared. */
async function countChanged(
  connection: DuckDBConnection,
  [before = '', after = '']: readonly string[],
  { quasi, person, require }: Frame,
): Promise<Map<string | null, number>> {
  const keys = ['d', ...quasi.map((_, index) => `k${index}`)].join(', ');
  const both = `select *, -1 as side from (${before}) union all by name select *, 1 as side from (${after})`;
  const changed =
    person === null
      ? `select ${keys}, abs(sum(side)) as changed from (${both}) group by ${keys}`
      : `select ${keys}, count(*) as changed
         from (select ${keys}, person from (${both}) group by ${keys}, person having count(*) = 1) group by ${keys}`;
  const rows = await readRows(
    connection,
    `select d::varchar as date, count(*) as classes from (${changed})
     where changed between 1 and ${require.k - 1} group by d order by d`,
  );
  return new Map(rows.map(({ date, classes }) => [date === null ? null : String(date), toNumber(classes)]));
}

import { quoteName, quoteText } from '../../base/duckdb.js';
import type { CheckRule, DatasetCheck } from '../../base/types/dataset-check.js';
import type { BronzeDataset } from '../landed-partition.js';

/** A landed date to check, and the facts of other dates that the check needs. */
export interface CheckedDay {
  /** `YYYY-MM-DD`, a landed date of the dataset. */
  readonly date: string;
  /** Row counts of the earlier landed dates, newest first. */
  readonly rowsBefore: readonly number[];
  /** The landed date of another dataset that applies: the same date, else the last date before it; null for none. */
  readonly dateOf: (dataset: string) => string | null;
  /** Today in UTC if the date is the newest landed date; else null. */
  readonly today: string | null;
}

/** Number of failing rows that are identified by their tokens. */
const SAMPLE = 3;

const NO_TOKENS = '[]::varchar[]';

/** The dataset and dates of a check. */
export interface CheckSubject {
  readonly dataset: BronzeDataset;
  readonly days: readonly CheckedDay[];
}

/**
 * The SELECT that evaluates a rule on all dates at once, because each statement opens every file of the dataset. Returns
 * one row for each applicable date: `day`, `found`, `passed`, and the `tokens` of failing rows. Null if no date
 * applies.
 */
export function compileCheck({ rule }: DatasetCheck, subject: CheckSubject): string | null {
  switch (rule.kind) {
    case 'row_count':
      return evaluateCount(subject, () => rule);
    case 'volume': {
      const known = subject.days.filter(({ rowsBefore }) => rowsBefore.length > 0);
      return evaluateCount({ ...subject, days: known }, ({ rowsBefore }) => {
        const before = rowsBefore.slice(0, rule.dates);
        const mean = before.reduce((sum, count) => sum + count, 0) / before.length;
        return {
          min: rule.below === null ? null : mean - mean * rule.below,
          max: rule.above === null ? null : mean + mean * rule.above,
        };
      });
    }
    case 'freshness':
      return rule.column === null
        ? evaluateNewestDate(subject, rule.maxAgeDays)
        : evaluateAge(subject, rule.column, rule.maxAgeDays);
    case 'missing':
      return countWrong(subject, readDays(subject), `${quoteName(rule.column)} is null`, rule.maxShare);
    case 'unique':
      return countWrong(subject, countCopies(subject, rule.columns), '_copies > 1', 0);
    case 'references':
      return countWrong(subject, findReferences(subject, rule), '_is_alone', 0);
    case 'accepted_values':
    case 'range':
    case 'pattern':
      return countWrong(subject, readDays(subject), describeWrong(rule), 0);
    default:
      return rule satisfies never;
  }
}

/** Maximum number of dates in an `in` list, which is compared with the path of every file. */
const LISTED_DATES = 31;

/** Rows of the dates, possibly with dates in between, which the join with the dates removes. */
function readDays({ dataset, days }: CheckSubject): string {
  const dates = days.map(({ date }) => date).sort();
  const [first = '', last = ''] = [dates[0], dates.at(-1)];
  const isWanted =
    dates.length > LISTED_DATES
      ? `between ${quoteDate(first)} and ${quoteDate(last)}`
      : `in (${dates.map(quoteDate).join(', ')})`;
  return `(select * from bronze.${quoteName(dataset.name)} where _ingest_date ${isWanted})`;
}

interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
}

/** Dates with an empty partition count 0 rows. */
function evaluateCount(subject: CheckSubject, bound: (day: CheckedDay) => Bounds): string | null {
  const { days } = subject;
  if (days.length === 0) return null;
  const bounds = days.map((day) => {
    const { min, max } = bound(day);
    return `(${quoteDate(day.date)}, ${min ?? 'null'}::double, ${max ?? 'null'}::double)`;
  });
  return `select day, found, ${NO_TOKENS} as tokens,
      coalesce(found >= low, true) and coalesce(found <= high, true) as passed
    from (
      select bounds.*, coalesce(landed.found, 0) as found
      from (values ${bounds.join(', ')}) as bounds(day, low, high)
      left join (select _ingest_date as day, count(*) as found from ${readDays(subject)} group by _ingest_date) as landed
        on landed.day = bounds.day
    )`;
}

type ColumnRule = Extract<CheckRule, { kind: 'accepted_values' | 'range' | 'pattern' }>;

/** A predicate for failing rows; null values are ignored. */
function describeWrong(rule: ColumnRule): string {
  const column = quoteName(rule.column);
  switch (rule.kind) {
    case 'accepted_values':
      return `${column} not in (${rule.values.map(quoteValue).join(', ')})`;
    case 'range':
      return `not (${isWithin(column, rule.min, rule.max)})`;
    case 'pattern':
      return `not regexp_matches(${column}, ${quoteText(rule.pattern)})`;
    default:
      return rule satisfies never;
  }
}

/** Rows with `_is_alone`: whether the value is missing from the other dataset on the applicable date. */
function findReferences(
  subject: CheckSubject,
  { column, dataset: other, target }: Extract<CheckRule, { kind: 'references' }>,
): string {
  const pairs = subject.days.flatMap(({ date, dateOf }) => {
    const there = dateOf(other);
    return there === null ? [] : [`(${quoteDate(date)}, ${quoteDate(there)})`];
  });
  const value = `landed.${quoteName(column)}`;
  if (pairs.length === 0) {
    return `(select *, ${value} is not null as _is_alone from ${readDays(subject)} as landed)`;
  }
  return `(select landed.*, ${value} is not null and known.value is null as _is_alone
    from ${readDays(subject)} as landed
    left join (
      select distinct pairs.day, other.${quoteName(target)} as value
      from bronze.${quoteName(other)} as other
      inner join (values ${pairs.join(', ')}) as pairs(day, there) on other._ingest_date = pairs.there
    ) as known on known.day = landed._ingest_date and known.value = ${value})`;
}

/** `rows` is the source of rows for `from`. A date with an empty partition has no failing rows. */
function countWrong(
  { dataset: { tokens }, days }: CheckSubject,
  rows: string,
  isWrong: string,
  maxShare: number,
): string {
  const [token] = tokens;
  const named = token === undefined ? NO_TOKENS : `min(${quoteName(token)}, ${SAMPLE}) filter (${isWrong})`;
  return `select days.day, coalesce(landed.found, 0) as found, coalesce(landed.tokens, []) as tokens,
      coalesce(landed.found <= landed.total * ${maxShare}, true) as passed
    from ${listDays(days)} left join (
      select _ingest_date as day, count(*) filter (${isWrong}) as found, count(*) as total, ${named} as tokens
      from ${rows} group by _ingest_date
    ) as landed on landed.day = days.day`;
}

function listDays(days: readonly CheckedDay[]): string {
  return `(values ${days.map(({ date }) => `(${quoteDate(date)})`).join(', ')}) as days(day)`;
}

/** Rows with a null in one of the columns are never duplicates, as in SQL `unique`. */
function countCopies(subject: CheckSubject, columns: readonly string[]): string {
  const names = columns.map(quoteName);
  const isWhole = names.map((name) => `${name} is not null`).join(' and ');
  const copies = `count(*) over (partition by _ingest_date, ${names.join(', ')})`;
  return `(select *, case when ${isWhole} then ${copies} else 1 end as _copies from ${readDays(subject)})`;
}

function evaluateAge(subject: CheckSubject, column: string, maxAgeDays: number): string {
  return `select day, coalesce(greatest(age, 0), 0) as found, coalesce(age <= ${maxAgeDays}, false) as passed,
      ${NO_TOKENS} as tokens
    from (
      select days.day, date_diff('day', landed.newest, days.day) as age
      from ${listDays(subject.days)}
      left join (
        select _ingest_date as day, max(${quoteName(column)})::date as newest
        from ${readDays(subject)} group by _ingest_date
      ) as landed on landed.day = days.day
    )`;
}

function evaluateNewestDate({ days }: CheckSubject, maxAgeDays: number): string | null {
  const newest = days.find(({ today }) => today !== null);
  if (newest === undefined) return null;
  const age = `date_diff('day', ${quoteDate(newest.date)}, ${quoteDate(newest.today ?? newest.date)})`;
  return `select ${quoteDate(newest.date)} as day, greatest(${age}, 0) as found, ${age} <= ${maxAgeDays} as passed,
    ${NO_TOKENS} as tokens`;
}

/** A timestamp is in range if its day (UTC) is. */
function isWithin(column: string, min: number | string | null, max: number | string | null): string {
  const value = typeof (min ?? max) === 'string' ? `${column}::date` : column;
  const ends = [
    ...(min === null ? [] : [`${value} >= ${quoteBound(min)}`]),
    ...(max === null ? [] : [`${value} <= ${quoteBound(max)}`]),
  ];
  return ends.join(' and ');
}

function quoteBound(bound: number | string): string {
  return typeof bound === 'number' ? String(bound) : quoteDate(bound);
}

function quoteDate(date: string): string {
  return `date ${quoteText(date)}`;
}

function quoteValue(value: string | number | boolean): string {
  return typeof value === 'string' ? quoteText(value) : String(value);
}

import type { CheckRule, DatasetCheck } from '../definition/dataset-check.js';
import { quoteName, quoteText } from '../duckdb.js';
import type { BronzeDataset } from './landed-partition.js';

/** When and on what a check of a dataset looks. */
export interface CheckPlace {
  readonly dataset: BronzeDataset;
  /** `YYYY-MM-DD`, a landed date of the dataset. */
  readonly date: string;
  /** Rows of the landed dates before it, the newest first. */
  readonly rowsBefore: readonly number[];
  /** The landed date of a dataset that stands for this one, or null: the date itself, else the last before it. */
  readonly dateOf: (dataset: string) => string | null;
  /** Today in UTC, if the date is the newest that landed; else null. */
  readonly today: string | null;
}

/** How many rows are named by their tokens. */
const SAMPLE = 3;

/**
 * The SELECT of one row that judges a rule: `found`, whether it `passed`, and `tokens` of rows that are wrong. Null
 * where there is nothing to judge.
 */
export function compileCheck({ rule }: DatasetCheck, place: CheckPlace): string | null {
  const rows = `(select * from bronze.${quoteName(place.dataset.name)} where _ingest_date = date ${quoteText(place.date)})`;
  switch (rule.kind) {
    case 'row_count':
      return countRows(rows, isWithin('found', rule.min, rule.max));
    case 'volume': {
      const before = place.rowsBefore.slice(0, rule.dates);
      if (before.length === 0) return null;
      const mean = before.reduce((sum, count) => sum + count, 0) / before.length;
      return countRows(rows, `abs(found - ${mean}) <= ${mean * rule.tolerance}`);
    }
    case 'freshness':
      return rule.column === null
        ? judgeNewestDate(place, rule.maxAgeDays)
        : judgeAge(rows, rule.column, place.date, rule.maxAgeDays);
    case 'missing':
      return countWrong(rows, `${quoteName(rule.column)} is null`, place, rule.maxShare);
    case 'unique':
      return countWrong(countCopies(rows, rule.columns), '_copies > 1', place, 0);
    case 'accepted_values':
    case 'range':
    case 'pattern':
    case 'references':
      return countWrong(rows, describeWrong(rule, place), place, 0);
    default:
      return rule satisfies never;
  }
}

type RowRule = Extract<CheckRule, { kind: 'accepted_values' | 'range' | 'pattern' | 'references' }>;

/** A predicate of rows that are wrong; null rows are passed over. */
function describeWrong(rule: RowRule, { dateOf }: CheckPlace): string {
  const column = quoteName(rule.column);
  switch (rule.kind) {
    case 'accepted_values':
      return `${column} not in (${rule.values.map(quoteValue).join(', ')})`;
    case 'range':
      return `not (${isWithin(column, rule.min, rule.max)})`;
    case 'pattern':
      return `not regexp_matches(${column}, ${quoteText(rule.pattern)})`;
    case 'references': {
      const date = dateOf(rule.dataset);
      if (date === null) return `${column} is not null`;
      const target = quoteName(rule.target);
      return `${column} not in (select ${target} from bronze.${quoteName(rule.dataset)}
        where _ingest_date = date ${quoteText(date)} and ${target} is not null)`;
    }
    default:
      return rule satisfies never;
  }
}

function countRows(rows: string, passes: string): string {
  return `select found, ${passes} as passed, []::varchar[] as tokens from (select count(*) as found from ${rows})`;
}

function countWrong(rows: string, isWrong: string, { dataset }: CheckPlace, maxShare: number): string {
  const [token] = dataset.tokens;
  const tokens =
    token === undefined
      ? '[]::varchar[]'
      : `coalesce(min(${quoteName(token)}, ${SAMPLE}) filter (${isWrong}), [])`;
  return `select found, found <= total * ${maxShare} as passed, tokens from (
    select count(*) filter (${isWrong}) as found, count(*) as total, ${tokens} as tokens from ${rows})`;
}

/** Rows that have a null among the columns are copies of nothing, as in SQL's own unique. */
function countCopies(rows: string, columns: readonly string[]): string {
  const names = columns.map(quoteName);
  const isWhole = names.map((name) => `${name} is not null`).join(' and ');
  return `(select *, case when ${isWhole} then count(*) over (partition by ${names.join(', ')}) else 1 end as _copies from ${rows})`;
}

function judgeAge(rows: string, column: string, date: string, maxAgeDays: number): string {
  return `select coalesce(greatest(age, 0), 0) as found, coalesce(age <= ${maxAgeDays}, false) as passed,
    []::varchar[] as tokens
    from (select date_diff('day', max(${quoteName(column)})::date, date ${quoteText(date)}) as age from ${rows})`;
}

function judgeNewestDate({ date, today }: CheckPlace, maxAgeDays: number): string | null {
  if (today === null) return null;
  return `select greatest(age, 0) as found, age <= ${maxAgeDays} as passed, []::varchar[] as tokens
    from (select date_diff('day', date ${quoteText(date)}, date ${quoteText(today)}) as age)`;
}

function isWithin(value: string, min: number | string | null, max: number | string | null): string {
  const ends = [
    ...(min === null ? [] : [`${value} >= ${quoteBound(min)}`]),
    ...(max === null ? [] : [`${value} <= ${quoteBound(max)}`]),
  ];
  return ends.join(' and ');
}

function quoteBound(bound: number | string): string {
  return typeof bound === 'number' ? String(bound) : `date ${quoteText(bound)}`;
}

function quoteValue(value: string | number | boolean): string {
  return typeof value === 'string' ? quoteText(value) : String(value);
}

import { quoteName, quoteText } from '../base/duckdb.js';
import { failure, type LakeveilError } from '../base/errors.js';
import type { DatasetDefinition, LandingColumn, Leaf } from '../base/types/definition.js';
import type { Treatment } from './treatment.js';

/**
 * The echo proof: whether the text that lands of a record holds a direct value of the same record. It runs in the statement that
 * masks, where both are known. In a column that is masked, a hit is an error; in one that is kept (Mr Jordan of Jordan), the cell
 * lands null.
 */
export interface Echo {
  /** Direct leaves whose values are looked for. */
  readonly leaves: readonly Leaf[];
  /** Wraps the select of the statement, and adds the column `_withheld`. */
  readonly wrap: (select: EchoSelect) => string;
}

/** The parts of a select that has a row for each record. */
export interface EchoSelect {
  readonly columns: readonly { readonly landing: LandingColumn; readonly sql: string }[];
  /** The name that a leaf has in `from`. */
  readonly nameOf: (leaf: Leaf) => string;
  readonly from: string;
}

/** Cells of a row that landed null, in segments alone. */
export const WITHHELD = '_withheld';

/** How an error of the statement begins whose rest is the name of a column. */
const ECHO_ERROR = 'echo in column ';

/** Shorter values are in other texts by chance. */
const SHORTEST = 4;
/** Digits of a number that is looked for among the digits of a row. */
const SHORTEST_NUMBER = 7;
/** A longer text is in no column; dropped leaves may have texts of any length. */
const LONGEST = 500;
const SEPARATOR = 'chr(31)';

/** Null where no direct value is masked or dropped, and where no column could hold one. */
export function planEcho(
  { contract, landing, prove }: Pick<DatasetDefinition, 'contract' | 'landing' | 'prove'>,
  treatments: ReadonlyMap<string, Treatment>,
): Echo | null {
  const open = landing.filter((column) => isOpen(column, treatments));
  const kept = new Set(landing.filter((column) => isKept(column, treatments)).flatMap(({ from }) => from));
  const leaves = [...contract.leaves.values()].filter(
    (leaf) => isNeedle(leaf) && ![...kept].some(({ path }) => path === leaf.path),
  );
  if (prove === 'off' || open.length === 0 || leaves.length === 0) return null;
  return { leaves, wrap: (select) => wrapSelect(select, { open, leaves, treatments }) };
}

/** Its output may be any text: not a token, and not one of a list. */
function isOpen(
  { treatment, params, from, type }: LandingColumn,
  treatments: ReadonlyMap<string, Treatment>,
): boolean {
  const found = treatments.get(treatment);
  if (found === undefined || found.isToken || type.startsWith('BOOLEAN')) return false;
  return !found.isClosed(params, from);
}

function isKept({ treatment }: LandingColumn, treatments: ReadonlyMap<string, Treatment>): boolean {
  return treatments.get(treatment)?.keeps === 'always';
}

function isNeedle({ class: pii, many, schema, type }: Leaf): boolean {
  if (pii !== 'direct' || many !== null || type === 'BOOLEAN') return false;
  return type !== 'VARCHAR' || Number(schema['maxLength'] ?? Infinity) <= LONGEST;
}

interface EchoPlan {
  readonly open: readonly LandingColumn[];
  readonly leaves: readonly Leaf[];
  readonly treatments: ReadonlyMap<string, Treatment>;
}

/** Each level computes what the next one uses several times: DuckDB computes an expression as often as it is written. */
function wrapSelect({ columns, nameOf, from }: EchoSelect, { open, leaves, treatments }: EchoPlan): string {
  const masked = open.filter((column) => !isKept(column, treatments)).map(({ name }) => name);
  const kept = open.filter((column) => isKept(column, treatments)).map(({ name }) => name);
  const treated = columns.map(({ sql, landing }) => `${sql} as ${quoteName(landing.name)}`);
  const needles = leaves.map((leaf, at) => `${normalize(quoteName(nameOf(leaf)))} as _raw_${at}`);
  const parts = leaves.flatMap((_, at) => [
    `${numberOf(`_raw_${at}`)} as _number_${at}`,
    `case when ${hasNoLetter(`_raw_${at}`)} then null else _raw_${at} end as _needle_${at}`,
  ]);
  const texts = [`${joinTexts(masked)} as _masked`, `${joinTexts(kept)} as _kept`];
  const isAnyNumber = leaves.map((_, at) => `_number_${at} is not null`).join(' or ');
  const digits = ['masked', 'kept'].map(
    (name) => `case when ${isAnyNumber} then ${digitsOf(`_${name}`)} end as _${name}_digits`,
  );
  const hits = ['masked', 'kept'].map(
    (name) => `${isHit(`_${name}`, `_${name}_digits`, leaves)} as _is_${name}_hit`,
  );
  const levels = [
    `select "page", "position", ${[...treated, ...needles].join(', ')} from ${from}`,
    `select *, ${[...texts, ...parts].join(', ')}`,
    `select *, ${digits.join(', ')}`,
    `select *, ${hits.join(', ')}`,
  ];
  const isOwnHit = (name: string): string => {
    const text = joinTexts([name]);
    return isHit(text, digitsOf(text), leaves);
  };
  const outer = columns.map(({ landing: { name } }) => {
    const column = quoteName(name);
    if (!kept.includes(name)) return column;
    return `case when _is_kept_hit then (case when ${isOwnHit(name)} then null else ${column} end) else ${column} end as ${column}`;
  });
  const places = masked.map((name) => `when ${isOwnHit(name)} then ${quoteText(ECHO_ERROR + name)}`);
  const place =
    places.length === 0
      ? quoteText(ECHO_ERROR)
      : `case ${places.join(' ')} else ${quoteText(ECHO_ERROR)} end`;
  const counts = kept.map((name) => `(${isOwnHit(name)})::utinyint`);
  const withheld = counts.length === 0 ? '0' : `case when _is_kept_hit then ${counts.join(' + ')} else 0 end`;
  const count = `(case when _is_masked_hit then error(${place}) else ${withheld} end)::utinyint`;
  return nest([
    ...levels,
    `select "page", "position", ${outer.join(', ')}, ${count} as ${quoteName(WITHHELD)}`,
  ]);
}

/** Each select reads the one before. */
function nest([first = '', ...others]: readonly string[]): string {
  return others.reduce((inner, outer) => `${outer}\nfrom (${inner})`, first);
}

/** The text of columns, with a separator that no value holds. */
function joinTexts(names: readonly string[]): string {
  if (names.length === 0) return `''`;
  return normalize(
    `concat_ws(${SEPARATOR}, ${names.map((name) => `${quoteName(name)}::varchar`).join(', ')})`,
  );
}

/** Case, accents and forms of one text. */
function normalize(sql: string): string {
  return `strip_accents(lower(nfc_normalize(${sql}::varchar)))`;
}

/** Digits of a text, with what separates columns. */
function digitsOf(sql: string): string {
  return `regexp_replace(${sql}, '[^0-9\x1f]', '', 'g')`;
}

/** Of a phone number or another text that begins with a sign or a digit; cheap where it does not. */
function hasNoLetter(text: string): string {
  return `(case when ${text} < ':' then not regexp_matches(${text}, '[a-z]') else false end)`;
}

/** The digits of such a text, if they are many enough; else null. */
function numberOf(text: string): string {
  const digits = `regexp_replace(${text}, '[^0-9]', '', 'g')`;
  return `case when ${hasNoLetter(text)} and length(${digits}) >= ${SHORTEST_NUMBER} then ${digits} end`;
}

/** Whether a text holds one of the needles, never null. */
function isHit(text: string, digits: string, leaves: readonly Leaf[]): string {
  if (text === `''`) return 'false';
  const tests = leaves.flatMap((leaf, at) => testsOf(leaf, at, text, digits));
  return `coalesce(${tests.join(' or ')}, false)`;
}

function testsOf({ path, type, schema }: Leaf, at: number, text: string, digits: string): string[] {
  const needle = `_needle_${at}`;
  const number = `coalesce(contains(${digits}, _number_${at}), false)`;
  if (type !== 'VARCHAR') return [number];
  const holds = (part: string): string =>
    `coalesce(length(${part}) >= ${SHORTEST} and contains(${text}, ${part}), false)`;
  const isEmail = schema['format'] === 'email' || /e_?-?mail/i.test(path);
  if (isEmail) return [holds(`split_part(${needle}, '@', 1)`)];
  if (!isPersonName(path)) return [holds(needle), number];
  const words = `list_bool_or(list_transform(string_split(${needle}, ' '), word -> ${holds('word')}))`;
  return [`(case when contains(${needle}, ' ') then ${words} else ${holds(needle)} end)`, number];
}

/** Of a name, each word counts: not of the name of a street or a company, whose words are in other texts as well. */
function isPersonName(path: string): boolean {
  return (
    /name$/i.test(path) &&
    !/street|compan|employ|organi|city|country|place|brand|product|bank|file|host|domain/i.test(path)
  );
}

/** What the masking statement threw: a masked column that holds a direct value, or any other error of a class. */
export function toMaskFailure(
  error: unknown,
  { dataset, columns }: { readonly dataset: string; readonly columns: EchoSelect['columns'] },
  kind: string,
): LakeveilError {
  const text = error instanceof Error ? error.message : '';
  const found = columns.find(({ landing }) => text.endsWith(`${ECHO_ERROR}${landing.name}`));
  if (found === undefined) return failure('E_MASK', { dataset, kind });
  return failure('E_ECHO', { dataset, column: found.landing.name }, { dataset });
}

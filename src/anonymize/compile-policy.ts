import { isDeepStrictEqual } from 'node:util';
import { quoteName, quoteText } from '../base/duckdb.js';
import { nameColumns } from '../base/names.js';
import type { DatasetDefinition, LandingColumn, Leaf, TextPart } from '../base/types/definition.js';
import { type Dialect, duckdbDialect } from './dialect.js';
import { hashPolicy } from './hash-policy.js';
import { planEcho } from './echo.js';
import type { KeyUse } from './keys.js';
import { SPACES } from './loose-pattern.js';
import type { Bindings, Precompute, Secrets, Treatment } from './treatment.js';
import { TREATMENTS } from './treatments/registry.js';

/** A parameter of the statement: octets of a pad, the partition's date, or a constant too long to read. */
export type Parameter =
  | { readonly kind: 'pad'; readonly side: 'inner' | 'outer'; readonly use: KeyUse; readonly scope: string }
  | { readonly kind: 'date' }
  | { readonly kind: 'constant'; readonly value: string | readonly string[] };

/** One landed column, as it was decided and as SQL. */
interface CompiledColumn {
  readonly landing: LandingColumn;
  readonly sql: string;
  /** Predicate over the landed column that all of its values satisfy. */
  readonly shape: string;
  readonly reveals: string;
}

/** A landed column that is computed before the statement wherever that gives the same as its SQL, and costs less. */
export interface PrecomputedColumn {
  readonly landing: LandingColumn;
  /** The column of the page that brings its values. */
  readonly name: string;
  /** What it is computed from, in the order in which `open` expects the values. */
  readonly leaves: readonly Leaf[];
  readonly open: (secrets: Secrets) => Precompute;
}

/** A dataset's landing list as one statement, the only path from raw data to the lake. */
export interface CompiledPolicy {
  readonly dataset: string;
  readonly columns: readonly CompiledColumn[];
  /** Leaves that the statement reads; no other leaf leaves the contract. */
  readonly leaves: readonly Leaf[];
  /** `select page, position, <columns> from …`, for people: long constants are parameters. */
  readonly select: string;
  /**
   * The same as it runs; `$pages` is a list of column texts (`CheckedPage.columns`), with the precomputed columns. All
   * parameters have a type and all constants are literals, or DuckDB plans the statement again each time: 3 ms.
   */
  readonly statement: string;
  readonly precomputed: readonly PrecomputedColumn[];
  /** Whether the statement counts the cells of a row that land null (`_withheld`). */
  readonly hasEcho: boolean;
  /** Parameters of `select` beside `$pages`, by name; the statement has those that are no constants. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Hex digest of the decisions (not of the SQL), which shows whether a landed date is under an old policy. */
  readonly sha256: string;
}

/** Turns the landing list of a dataset into SQL. Pure: the same definition and key id give the same text. */
export function compilePolicy(
  dataset: DatasetDefinition,
  keyId: string,
  treatments: ReadonlyMap<string, Treatment> = TREATMENTS,
  dialect: Dialect = duckdbDialect,
): CompiledPolicy {
  const parameters = new Map<string, Parameter>();
  const echo = planEcho(dataset, treatments);
  const landed = listLeaves(dataset.landing);
  const paths = new Set(landed.map(({ path }) => path));
  const leaves = [...landed, ...(echo?.leaves ?? []).filter(({ path }) => !paths.has(path))];
  const early = findPrecomputed(dataset.landing, treatments);
  const names = nameColumns([...leaves.map(({ path }) => path), ...early.keys()]);
  const sqlOf = (leaf: Leaf): string => dialect.name(names.get(leaf.path) ?? leaf.path);
  const compile = (bind: Bindings) =>
    dataset.landing.map((landing) => compileColumn(landing, sqlOf, dialect, treatments, bind));
  const columns = compile(bindings(keyId, parameters));
  const given = new Map(
    [...early].map(([path, column]) => [column.landing.name, { ...column, name: names.get(path) ?? path }]),
  );
  const running = compile(literals(dialect, keyId)).map((column) => preferGiven(column, given));
  return {
    dataset: dataset.name,
    columns,
    leaves,
    select: selectText(columns, readLeaves(landed, names), '$pages'),
    statement: runningText(
      running,
      [...readLeaves(leaves, names), ...readGiven(given)],
      (from) =>
        echo?.wrap({ columns: running, nameOf: (leaf) => names.get(leaf.path) ?? leaf.path, from }) ?? null,
    ),
    hasEcho: echo !== null,
    precomputed: [...given.values()],
    parameters,
    sha256: hashPolicy(dataset, treatments),
  };
}

/** Each leaf once, even if columns that take a part of it evaluate it differently. */
function listLeaves(landing: readonly LandingColumn[]): readonly Leaf[] {
  return [...new Map(landing.flatMap(({ from }) => from).map((leaf) => [leaf.path, leaf])).values()];
}

function compileColumn(
  landing: LandingColumn,
  sqlOf: (leaf: Leaf) => string,
  dialect: Dialect,
  treatments: ReadonlyMap<string, Treatment>,
  bind: Bindings,
): CompiledColumn {
  const treatment = treatments.get(landing.treatment);
  if (treatment === undefined) throw new RangeError('the loader let an unknown treatment pass');
  const treat = (element: string | null): string => {
    const inputs = landing.from.map((leaf, at) => {
      const sql = at === 0 && element !== null ? element : sqlOf(leaf);
      return { leaf, sql: takePart(dialect, sql, landing.part) };
    });
    return treatment.sql(dialect, inputs, landing.params, bind);
  };
  const [first] = landing.from;
  return {
    landing,
    sql: landing.each && first !== undefined ? dialect.forEach(sqlOf(first), treat) : treat(null),
    shape: shapeOf(treatment, dialect, landing),
    reveals: treatment.reveals(landing.params, landing.from),
  };
}

/** A predicate over the landed column, or over every element of the lists in it. */
export function shapeOf(treatment: Treatment, dialect: Dialect, landing: LandingColumn): string {
  const name = dialect.name(landing.name);
  if (!landing.each) return treatment.shape(dialect, name, landing);
  return dialect.every(name, (element) => treatment.shape(dialect, element, landing));
}

/** Landed columns that are computed before the statement, by a path that no leaf has. */
function findPrecomputed(
  columns: readonly LandingColumn[],
  treatments: ReadonlyMap<string, Treatment>,
): ReadonlyMap<string, PrecomputedColumn> {
  const found = columns.flatMap((landing) => {
    const { from, part, each, treatment, params } = landing;
    const open = part === null && !each ? treatments.get(treatment)?.precompute(from, params) : null;
    return open
      ? [[`given ${landing.name}`, { landing, name: landing.name, leaves: from, open }] as const]
      : [];
  });
  return new Map(found);
}

/** CASE, not COALESCE: of the latter DuckDB computes parts for all rows. */
function preferGiven(
  { sql, ...column }: CompiledColumn,
  given: ReadonlyMap<string, PrecomputedColumn>,
): CompiledColumn {
  const name = given.get(column.landing.name)?.name;
  if (name === undefined) return { ...column, sql };
  const value = quoteName(name);
  return { ...column, sql: `case when ${value} is not null then ${value} else (${sql}) end` };
}

/** For the statement that runs. */
function literals(dialect: Dialect, keyId: string): Bindings {
  return {
    ...bindings(keyId, new Map()),
    pads: (use, scope) => ({
      inner: `$key_${use}_${scope}_inner::blob`,
      outer: `$key_${use}_${scope}_outer::blob`,
    }),
    constant: (_, value) => (typeof value === 'string' ? dialect.text(value) : dialect.listOf(value)),
  };
}

function bindings(keyId: string, parameters: Map<string, Parameter>): Bindings {
  return {
    keyId,
    pads: (use, scope) => {
      const name = `key_${use}_${scope}`;
      parameters.set(`${name}_inner`, { kind: 'pad', side: 'inner', use, scope });
      parameters.set(`${name}_outer`, { kind: 'pad', side: 'outer', use, scope });
      return { inner: `$${name}_inner`, outer: `$${name}_outer` };
    },
    date: () => {
      parameters.set('date', { kind: 'date' });
      return '$date::date';
    },
    constant: (name, value) => `$${addConstant(parameters, name, value)}`,
  };
}

/** The requested parameter name, with a number if another value has that name. */
function addConstant(
  parameters: Map<string, Parameter>,
  name: string,
  value: string | readonly string[],
): string {
  const parameter: Parameter = { kind: 'constant', value };
  for (let free = name, next = 2; ; free = `${name}_${next++}`) {
    const taken = parameters.get(free);
    if (taken !== undefined && !isDeepStrictEqual(taken, parameter)) continue;
    parameters.set(free, parameter);
    return free;
  }
}

/** Columns of the page by name, with their types as `from_json` has them. */
function readLeaves(leaves: readonly Leaf[], names: ReadonlyMap<string, string>) {
  return leaves.map((leaf) => [names.get(leaf.path) ?? leaf.path, structureOf(leaf)] as const);
}

function readGiven(given: ReadonlyMap<string, PrecomputedColumn>) {
  return [...given.values()].map(({ name }) => [name, 'VARCHAR'] as const);
}

type ReadLeaf = readonly [name: string, type: string | readonly string[]];

/** The statement that runs, within the echo proof where there is one. */
function runningText(
  columns: readonly CompiledColumn[],
  read: readonly ReadLeaf[],
  wrap: (from: string) => string | null,
): string {
  const pages = '$pages::varchar[]';
  return wrap(fromText(read, pages)) ?? selectText(columns, read, pages);
}

function selectText(columns: readonly CompiledColumn[], read: readonly ReadLeaf[], pages: string): string {
  return [
    'select',
    ['"page"', '"position"', ...columns.map(({ sql, landing }) => `${sql} as ${quoteName(landing.name)}`)]
      .map((line) => `  ${line}`)
      .join(',\n'),
    `from ${fromText(read, pages)}`,
  ].join('\n');
}

/** Rows of the pages, a column for each leaf. */
function fromText(read: readonly ReadLeaf[], pages: string): string {
  const structure = JSON.stringify(
    Object.fromEntries([
      ['page', ['INTEGER']],
      ['position', ['INTEGER']],
      ...read.map(([name, type]) => [name, [type]] as const),
    ]),
  );
  const names = ['page', 'position', ...read.map(([name]) => name)];
  return [
    '(',
    '  select',
    names.map((name) => `    unnest(checked.${quoteName(name)}) as ${quoteName(name)}`).join(',\n'),
    '  from (',
    `    select from_json(text, ${quoteText(structure)}) as checked`,
    `    from (select unnest(${pages}) as text)`,
    '  )',
    ')',
  ].join('\n');
}

function structureOf(leaf: Leaf): string | readonly string[] {
  return leaf.many === 'list' ? [jsonType(leaf)] : jsonType(leaf);
}

/** How a leaf crosses over: numbers and booleans as such, the rest as text that the statement casts. */
function jsonType(leaf: Leaf): string {
  return leaf.type === 'BIGINT' || leaf.type === 'DOUBLE' || leaf.type === 'BOOLEAN' ? leaf.type : 'VARCHAR';
}

const WORD = `[^${SPACES}]+`;
const FIRST = `^[${SPACES}]*(${WORD})`;
/** After another one, so that a text of one word does not land twice. */
const LAST = `[^${SPACES}][${SPACES}]+(${WORD})[${SPACES}]*$`;

/** The part of a text that is treated, as an SQL expression; null where the text has no such word. */
function takePart(dialect: Dialect, text: string, part: TextPart | null): string {
  switch (part) {
    case null:
      return text;
    case 'first_word':
      return `nullif(${dialect.capture(text, FIRST)}, '')`;
    case 'last_word':
      return `nullif(${dialect.capture(text, LAST)}, '')`;
  }
}

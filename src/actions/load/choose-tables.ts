import { failure } from '../../base/errors.js';
import { type LoadColumn, type LoadTable, nameTable } from '../../base/types/load.js';
import type { Definition } from '../../base/types/definition.js';
import type { PublishedColumn, PublishedTable } from '../../warehouse/published/load-room.js';
import type { Model } from '../../warehouse/models/model.js';

/** A table that is not loaded, or columns of one that are not, with the reason. */
export interface LeftOut {
  readonly table: string;
  /** Empty for the whole table. */
  readonly columns: readonly string[];
  readonly reason: string;
}

export interface ChosenTables {
  readonly tables: readonly { readonly table: LoadTable; readonly pipeline: string | null }[];
  readonly leftOut: readonly LeftOut[];
}

export interface ChooseInput {
  readonly published: readonly PublishedTable[];
  readonly models: readonly Model[];
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Null for all. */
  readonly pipeline: string | null;
  /** As `silver.users` or `users`; empty for all. */
  readonly names: readonly string[];
  readonly withTokens: boolean;
}

/**
 * The tables to load, and the columns of each that may leave: what an export may hold, without those that need a decision
 * that does not exist. Pure.
 * @throws E_UNKNOWN for a name that no table has; E_EXPORT_RAW for one that may not leave
 */
export function chooseTables(input: ChooseInput): ChosenTables {
  const { published, pipeline, names } = input;
  const own = published.filter((table) => pipeline === null || (table.pipeline ?? pipeline) === pipeline);
  for (const name of names) {
    if (own.some((table) => isNamed(table, [name]))) continue;
    throw failure('E_UNKNOWN', { kind: `table ${name}`, known: own.map(nameTable).join(', ') });
  }
  const wanted = names.length === 0 ? own : own.filter((table) => isNamed(table, names));
  const named = wanted.find(({ closed }) => closed !== null && names.length > 0);
  if (named !== undefined) throw failure('E_EXPORT_RAW', { table: nameTable(named) }, { stage: 'load' });
  const leftOut: LeftOut[] = [];
  const tables = wanted.flatMap((table) => {
    if (table.closed !== null) {
      leftOut.push({ table: nameTable(table), columns: [], reason: table.closed });
      return [];
    }
    const columns = table.columns.filter((column) => refuseColumn(column, input) === null);
    leftOut.push(...listWithheld(table, input));
    return columns.length === 0
      ? []
      : [{ pipeline: table.pipeline, table: describeTable(table, columns, input) }];
  });
  return { tables, leftOut };
}

function isNamed(table: PublishedTable, names: readonly string[]): boolean {
  return names.includes(nameTable(table)) || names.includes(table.name);
}

function refuseColumn(column: PublishedColumn, { withTokens }: ChooseInput): string | null {
  if (column.isRawOnly) return 'raw only';
  return column.isToken && !withTokens ? 'tokens' : null;
}

const REASONS: Readonly<Record<string, string>> = {
  'raw only': 'raw only, and no model says why it is exposed',
  tokens: 'tokens, and the target does not say `tokens: true`',
};

function listWithheld(table: PublishedTable, input: ChooseInput): LeftOut[] {
  return Object.entries(REASONS).flatMap(([kind, reason]) => {
    const columns = table.columns.filter((column) => refuseColumn(column, input) === kind);
    return columns.length === 0
      ? []
      : [{ table: nameTable(table), columns: columns.map(({ name }) => name), reason }];
  });
}

function describeTable(
  table: PublishedTable,
  columns: readonly PublishedColumn[],
  input: ChooseInput,
): LoadTable {
  const facts = describeFacts(table, input);
  const has = (name: string): boolean => columns.some((column) => column.name === name);
  const isDate = columns.some(({ name, type }) => name === facts.dateColumn && type === 'DATE');
  return {
    layer: table.layer,
    name: table.name,
    columns: columns.map((column): LoadColumn => {
      const { name, type } = column;
      return { name, type, comment: facts.comments.get(name) ?? describeColumn(column) };
    }),
    dateColumn: isDate ? facts.dateColumn : null,
    key: facts.key.every(has) ? facts.key : [],
    comment: facts.comment,
  };
}

function describeColumn({ isToken, isQuasi }: PublishedColumn): string | null {
  if (isToken) return 'token: a keyed pseudonym';
  return isQuasi ? 'quasi-identifier: people differ by it' : null;
}

/** What definitions and models say of a table. */
interface TableFacts {
  readonly dateColumn: string | null;
  readonly key: readonly string[];
  readonly comment: string | null;
  readonly comments: ReadonlyMap<string, string>;
}

function describeFacts({ layer, name }: PublishedTable, { models, definitions }: ChooseInput): TableFacts {
  if (layer === 'bronze') return describeDataset(name, definitions);
  const model = models.find((one) => one.schema === layer && one.table === name);
  if (model === undefined) return { dateColumn: null, key: [], comment: null, comments: new Map() };
  const { planner, description, exposes } = model;
  const comments = new Map([...exposes].map(([column, why]) => [column, `exposed because ${why}`]));
  return { dateColumn: planner.dateColumn, key: planner.key, comment: description, comments };
}

/** `users_latest` holds what landed last of the snapshot `users`, and is replaced as a whole. */
function describeDataset(name: string, definitions: ReadonlyMap<string, Definition>): TableFacts {
  for (const { pipeline, description, datasets } of definitions.values()) {
    const own = datasets.get(name);
    const dataset = own ?? datasets.get(name.replace(/_latest$/, ''));
    if (dataset === undefined) continue;
    const { landing, primaryKey, slot } = dataset;
    const days = slot === null ? ['_ingest_date'] : ['_ingest_date', '_slot'];
    const comments = landing.map((column): [string, string] => {
      const said = column.reviewed === null ? '' : `; reviewed: ${column.reviewed}`;
      return [column.name, `${column.class}, ${column.treatment}${said}`];
    });
    return {
      dateColumn: own === undefined ? null : '_ingest_date',
      key: primaryKey.length === 0 ? [] : [...days, ...primaryKey],
      comment: `Dataset ${dataset.name} of pipeline ${pipeline}: ${description}`,
      comments: new Map(comments),
    };
  }
  return { dateColumn: null, key: [], comment: null, comments: new Map() };
}

import type { DuckDBConnection } from '@duckdb/node-api';
import type { z } from 'zod';
import { failure, type LakeveilError } from '../base/errors.js';
import { type LoadPart, type LoadTable, nameTable } from '../base/types/load.js';
import type { ExistingColumn, SchemaRules, TableChange } from './plan-schema.js';

/** A type of target: a database that tables are loaded into. Each is one file of this shape, listed in `registry.ts`. */
export interface TargetType<F extends z.ZodObject> {
  readonly type: string;
  /** Its settings in `targets.yaml`. */
  readonly form: F;
  /** Types of its columns, and which of them can be widened. */
  readonly rules: (settings: z.infer<F>) => SchemaRules;
  /** Where the tables are, without credentials: `127.0.0.1:5432/reports`, or a path. @throws E_DEFINITION */
  readonly place: (settings: z.infer<F>, context: TargetContext) => string;
  /** @throws E_TARGET_DOWN, E_TARGET_LOGIN, E_TARGET_BUSY, E_TARGET_FILE */
  readonly open: (settings: z.infer<F>, context: TargetContext) => Promise<OpenTarget>;
}

/** A lock that its holder loses when it dies. */
export interface FileLock {
  release(): Promise<void>;
}

/** Everything besides its settings that a target needs. */
export interface TargetContext {
  /** Its name in `targets.yaml`. */
  readonly name: string;
  readonly projectDir: string;
  /** Tells this lake from all others, wherever it lies. */
  readonly lakeId: () => Promise<string>;
  /** A setting as it is written in the file, without the values of variables. */
  readonly written: (setting: string) => string;
  /** Folders of the project that no target may lie in, with what they are. */
  readonly forbidden: readonly { readonly place: string; readonly dir: string }[];
  /** Where passwords of PostgreSQL are, as libpq has them. */
  readonly passFile: string;
  readonly findExtension: () => string | null;
  readonly warn: (event: string, fields: Readonly<Record<string, string>>) => void;
  /** Waits for the holder of the lock at `path`, and removes the file at the end. @throws E_LOCKED, E_DISK */
  readonly takeLock: (path: string) => Promise<FileLock>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** A table that the target has. */
export interface TargetTable {
  readonly columns: readonly ExistingColumn[];
  /** Rows by date; under '' those without one. Of a table without a date column, all. */
  readonly rows: ReadonlyMap<string, number>;
}

/** The last entry of `batch_log` for a part. */
export interface LoggedPart {
  readonly table: string;
  /** `table` if the whole table was replaced. */
  readonly scope: 'table' | 'date';
  readonly date: string | null;
  readonly digest: string;
}

/** What every entry of `batch_log` of one load has. */
export interface LoadRun {
  readonly runId: string;
  readonly toolVersion: string;
  readonly now: () => Date;
}

export interface OpenTarget {
  /** How rows get there: `copy`, `extension` or `file`. */
  readonly way: string;
  /** For a DuckDB in which the statements of `prepare` failed. */
  useCopy(): void;
  /** Statements that a DuckDB instance runs before it is locked. */
  readonly prepare: readonly string[];
  /** The entries of `batch_log` that are in force, in the order in which they were written. */
  readLog(): Promise<readonly LoggedPart[]>;
  /** Null if there is no such table. */
  readTable(table: LoadTable): Promise<TargetTable | null>;
  /** Creates or changes a table, and writes its comments. */
  change(table: LoadTable, change: TableChange): Promise<void>;
  /** In one transaction: deletes what is there of the part, copies its rows, and writes the entry of `batch_log`. */
  loadPart(connection: DuckDBConnection, part: LoadPart, run: LoadRun): Promise<void>;
  /** Makes everything visible that is not yet. */
  finish(): Promise<void>;
  /** Never throws. */
  close(): Promise<void>;
}

/** What a trigger or a rule of the target's table does to a load. */
export function triggerFailure(facts: {
  readonly target: string;
  readonly table: string;
  readonly problem: string;
}): LakeveilError {
  const problem = `has a trigger or rule that ${facts.problem}`;
  const fix = 'drop or disable the trigger or rule, then run the command again: this part was rolled back';
  return failure('E_TARGET_TABLE', { ...facts, problem, fix }, { stage: 'load' });
}

/**
 * Compares the rows of a part in the target with those that were copied, before they are committed.
 * @throws E_TARGET_TABLE
 */
export function assertRows(target: string, { table, rows }: LoadPart, there: number): void {
  if (there === rows) return;
  const problem = `changes its rows: ${rows} were copied, and ${there} are there`;
  throw triggerFailure({ target, table: nameTable(table), problem });
}

/**
 * The tables of a place belong to one lake: another would remove the dates that it does not have.
 * @param owner the lake that loads into them
 * @param table the table that says so, as the target names it
 * @throws E_TARGET_TABLE
 */
export function assertOwner(target: string, lakeId: string, owner: string, table: string): void {
  if (owner === lakeId) return;
  const problem = 'says that another lake loads into these tables';
  const fix = `give the target another \`schema_prefix\` or place in targets.yaml; if this lake replaces the other one, run \`delete from ${table}\` there`;
  throw failure('E_TARGET_TABLE', { target, table: 'ops.load_owner', problem, fix }, { stage: 'load' });
}

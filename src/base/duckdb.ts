import { createRequire } from 'node:module';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { failure, LakeveilError, systemCode, type Where } from './errors.js';

/**
 * What every use of DuckDB here shares: a locked-down instance, quoting, and errors that are classes, never texts
 * (DuckDB quotes the input in its messages). The engine is imported when first needed: it costs 100 ms.
 */

export interface InstanceOptions {
  /** The only folders that SQL can reach. */
  readonly allowedDirectories: readonly string[];
  /** Folder for spilling, or '' for none. */
  readonly tempDirectory: string;
  readonly memoryLimitMb: number;
  readonly threads: number;
  /** ':memory:' or a database file. */
  readonly database?: string;
  /** Opens the database file for reading only. */
  readonly readOnly?: boolean;
  /** Single files that SQL can reach besides. */
  readonly allowedPaths?: readonly string[];
  /** How many row groups a checkpoint merges at most; absent for DuckDB's own number. */
  readonly maxVacuumTasks?: number;
  /** Parts of DuckDB's optimizer that stay out of its plans. */
  readonly disabledOptimizers?: readonly string[];
  /** Statements of ours that run before the lockdown: they load an extension and attach a database. */
  readonly prepare?: readonly string[];
}

/**
 * An instance of its own (never shared), closed to everything outside of `allowedDirectories`, with its
 * configuration locked and read back.
 * @throws E_SAFE_ROOM if a setting did not take, E_NOT_A_DATABASE if the file is something else
 */
export async function openInstance(options: InstanceOptions): Promise<DuckDBInstance> {
  const { DuckDBInstance: Instance } = await loadEngine();
  keepByteOrderMarks();
  const instance = await Instance.create(
    options.database ?? ':memory:',
    options.readOnly === true ? { access_mode: 'READ_ONLY' } : {},
  );
  const connection = await instance.connect();
  try {
    for (const statement of [...(options.prepare ?? []), ...lockdown(options)])
      await connection.run(statement);
    await assertLockdown(connection, options);
  } finally {
    connection.closeSync();
  }
  return instance;
}

/**
 * The engine's binding decodes texts with a decoder that drops U+FEFF at their head, so that a text would be shown
 * without it. It has no option for that, so its decoder is replaced.
 */
function keepByteOrderMarks(): void {
  const accessors: unknown = createRequire(import.meta.url)('@duckdb/node-api/lib/vectors/dataAccessors.js');
  if (typeof accessors !== 'object' || accessors === null) return;
  const decoder: unknown = Reflect.get(accessors, 'textDecoder');
  if (decoder instanceof TextDecoder && decoder.ignoreBOM) return;
  Reflect.set(accessors, 'textDecoder', new TextDecoder('utf-8', { ignoreBOM: true }));
}

/** The engine, loaded when it is first needed. @throws E_ENGINE if the system does not load it */
export async function loadEngine() {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw failure('E_ENGINE', { kind: systemCode(error) });
  }
}

/** Settings of an instance that reaches no file and holds little: to parse, bind or plan SQL. */
export const SMALL: InstanceOptions = {
  allowedDirectories: [],
  tempDirectory: '',
  memoryLimitMb: 128,
  threads: 1,
};

/** A small instance, with some of its settings changed. */
export interface WithInstance extends Partial<InstanceOptions> {
  /** Interrupts the statement that runs when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Opens an instance and a connection, runs `work` with them, and closes both, however it ends.
 * @throws as `openInstance`, and what `work` throws
 */
export async function withInstance<T>(
  { signal, ...settings }: WithInstance,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await openInstance({ ...SMALL, ...settings });
  const connection = await instance.connect();
  const interrupt = (): void => {
    connection.interrupt();
  };
  signal?.addEventListener('abort', interrupt);
  try {
    return await work(connection);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
  }
}

let parser: Promise<DuckDBInstance> | null = null;

/**
 * Runs `work` on a connection of an instance that the process shares, to parse or try SQL that reads no table. Nothing may
 * be created in it.
 * @throws as `openInstance`, and what `work` throws
 */
export async function withParser<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  parser ??= openInstance(SMALL);
  const connection = await (await parser).connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
  }
}

function lockdown(options: InstanceOptions): string[] {
  return [
    `set temp_directory = ${quoteText(options.tempDirectory)}`,
    'set enable_logging = false',
    'set enable_progress_bar = false',
    'set autoinstall_known_extensions = false',
    'set autoload_known_extensions = false',
    'set allow_community_extensions = false',
    `set memory_limit = '${options.memoryLimitMb}MB'`,
    `set threads = ${options.threads}`,
    `set global TimeZone = 'UTC'`,
    `set allowed_directories = ${quoteTextList(options.allowedDirectories)}`,
    `set allowed_paths = ${quoteTextList(options.allowedPaths ?? [])}`,
    ...(options.maxVacuumTasks === undefined ? [] : [`set max_vacuum_tasks = ${options.maxVacuumTasks}`]),
    ...(options.disabledOptimizers === undefined
      ? []
      : [`set disabled_optimizers = ${quoteText(options.disabledOptimizers.join(','))}`]),
    'set enable_external_access = false',
    'set lock_configuration = true',
  ];
}

async function assertLockdown(connection: DuckDBConnection, options: InstanceOptions): Promise<void> {
  const [row] = await readRows(
    connection,
    `select current_setting('enable_external_access') as access, current_setting('temp_directory') as temp,
      current_setting('lock_configuration') as locked, to_json(list_sort(current_setting('allowed_directories')))::varchar as allowed`,
  );
  const spill = options.tempDirectory === '' ? [] : [options.tempDirectory]; // DuckDB allows it by itself
  const wanted = [...new Set([...options.allowedDirectories, ...spill])].map((path) => `${path}/`).sort();
  const facts: [string, boolean][] = [
    ['enable_external_access', row?.['access'] === false],
    ['temp_directory', row?.['temp'] === options.tempDirectory],
    ['lock_configuration', row?.['locked'] === true],
    ['allowed_directories', row?.['allowed'] === JSON.stringify(wanted)],
  ];
  for (const [setting, holds] of facts) if (!holds) throw failure('E_SAFE_ROOM', { setting });
}

export type Row = Readonly<Record<string, DuckDBValue>>;

/** All rows of a small result, as objects of column name to DuckDB value. */
export async function readRows(
  connection: DuckDBConnection,
  sql: string,
  values: Record<string, DuckDBValue> = {},
): Promise<Row[]> {
  const reader = await connection.runAndReadAll(sql, values);
  return reader.getRowObjects();
}

/** A count or other integer of a result as a number. */
export function toNumber(value: DuckDBValue | undefined): number {
  return Number(value ?? 0);
}

/** A name as an SQL identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text of the definition, or a path, as an SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function quoteTextList(texts: Iterable<string>): string {
  return `[${[...texts].map(quoteText).join(', ')}]`;
}

/** Classes of DuckDB's errors that are safe to show; the text after the class may contain a value. */
const KINDS = [
  'Out of Memory',
  'Conversion',
  'Invalid Input',
  'Out of Range',
  'IO',
  'Permission',
  'Binder',
  'Parser',
  'Catalog',
  'Constraint',
  'Serialization',
  'Invalid',
  'Not implemented',
  'INTERNAL',
  'Interrupt',
] as const;
export type DuckErrorKind = (typeof KINDS)[number] | 'unknown';

/** Classes that wrap another error, of which only the text is left. It quotes no cell: a commit or a checkpoint failed. */
const WRAPPING = /^(?:FATAL|TransactionContext|INTERNAL|Invalid) Error: /;

/** The class of an error that DuckDB threw, and nothing else of it. */
export function duckErrorKind(error: unknown): DuckErrorKind {
  const text = error instanceof Error ? error.message : '';
  if (/^(?:std::)?bad_alloc$|^Array buffer allocation failed$/.test(text)) return 'Out of Memory';
  if (WRAPPING.test(text)) {
    if (/bad.alloc|Out of Memory|[Ff]ailed to allocate|could not allocate/.test(text)) return 'Out of Memory';
    if (
      /No space left on device|Disk quota exceeded|Input\/output error|Could not (?:write|fsync|truncate)/.test(
        text,
      )
    )
      return 'IO';
  }
  return KINDS.find((kind) => text.startsWith(`${kind} Error`)) ?? 'unknown';
}

const FREE_MEMORY =
  'free memory or raise the limit of the process (`ulimit -v`, the container), then run the command again';

/** Where work on an instance failed: what its files are called, and its memory limit where that is worth telling. */
export interface WorkPlace {
  readonly path: string;
  readonly memoryLimitMb?: number;
  readonly where?: Where;
}

/**
 * What DuckDB threw, as an error of the catalogue: E_DISK and E_MEMORY, else what `other` makes of the class. An error
 * that is ours already stays.
 */
export function toFailure(
  error: unknown,
  { path, memoryLimitMb, where = {} }: WorkPlace,
  other: (kind: DuckErrorKind) => LakeveilError,
): LakeveilError {
  if (error instanceof LakeveilError) return error;
  const kind = duckErrorKind(error);
  if (kind === 'IO' || kind === 'Permission') return failure('E_DISK', { path, kind }, where);
  return kind === 'Out of Memory' ? memoryFailure(where, memoryLimitMb) : other(kind);
}

/** @param limitMb of masking; absent for other work, which has as much as a table may need */
export function memoryFailure(where: Where, limitMb?: number): LakeveilError {
  if (limitMb === undefined)
    return failure('E_MEMORY', { work: 'DuckDB', limit: '', fix: FREE_MEMORY }, where);
  const fix = 'lower `concurrency` or the page size in the definition';
  return failure('E_MEMORY', { work: 'masking', limit: ` (limit ${limitMb} MB)`, fix }, where);
}

/** The error of a database file that cannot be opened. */
export function openFailure(error: unknown, path: string): LakeveilError {
  if (error instanceof LakeveilError) return error;
  const isMemory = duckErrorKind(error) === 'Out of Memory';
  return isMemory ? memoryFailure({}) : failure('E_NOT_A_DATABASE', { path });
}

/** What every error of a room calls the run's own folder. */
export const STAGING_FOLDER = 'the staging folder';

import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { parseEnv } from 'node:util';
import { failure } from '../errors.js';
import { readSmallFileSync, textOf } from '../files/small-file.js';
import { findPackageDir } from '../files/package-dir.js';
import { takeKeyVariables } from '../guard.js';
import { assertOutside, type LineageSettings, readLineageSettings } from './lineage-settings.js';
import { type VariableName, VARIABLES } from './variables.js';

/** The complete configuration from the environment. */
export interface Config {
  /** Absolute, as are all folders and files here. */
  readonly projectDir: string;
  readonly pipelinesDir: string;
  readonly sqlDir: string;
  readonly lakeDir: string;
  readonly databasePath: string;
  readonly exportsDir: string;
  readonly compression: Compression;
  readonly logLevel: LogLevel;
  readonly logDir: string;
  readonly key: KeySettings;
  /** Where events of OpenLineage go; null for nowhere. */
  readonly lineage: LineageSettings | null;
  /** What a definition may interpolate, the environment over `.env`; never `TOKEN_KEY*`, never empty. */
  readonly variables: ReadonlyMap<string, string>;
  /** Where variables were looked up, as text for E_ENV_MISSING. */
  readonly places: string;
  readonly terminal: Terminal;
  /** Heap of the process of a run that `schedule`, `run --all` or the dashboard starts, in MB. */
  readonly runHeapMb: number;
  /** The environment of such a process, with the keys. */
  readonly childEnvironment: Readonly<Record<string, string>>;
}

const COMPRESSIONS = ['zstd', 'snappy'] as const;
type Compression = (typeof COMPRESSIONS)[number];

/** Where the token key comes from; null if not set. Read by `src/base/config/key.ts`. */
export interface KeySettings {
  readonly id: string | null;
  readonly sources: readonly KeySource[];
  readonly allowLocal: boolean;
  /** True if `.env` sets a command, which is not run: a project folder may be untrusted. */
  readonly commandInDotEnv: boolean;
  /** Absolute path of a `.env` that holds the key and that other users can read or write; else null. */
  readonly openDotEnv: string | null;
  readonly localKeyPath: string;
  /** Of the lake, which may say that another key masks. */
  readonly lakeDir: string;
  /** The environment of TOKEN_KEY_COMMAND, without keys and Node options. */
  readonly commandEnvironment: Readonly<Record<string, string>>;
  readonly projectDir: string;
}

export interface KeySource {
  readonly kind: 'value' | 'file' | 'command';
  /** The variable's name, for errors. */
  readonly origin: string;
  readonly text: string;
}

export interface Terminal {
  readonly color: boolean;
  /** True if stderr is a terminal. */
  readonly interactive: boolean;
  readonly width: number;
}

interface ConfigInput {
  /** `--project`, or null. */
  readonly project: string | null;
  /** Default: the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly workingDir?: string;
}

/**
 * Reads the environment and the project's `.env`, once.
 * @throws E_USAGE for a project without pipelines, or a path that DuckDB reads as a pattern, E_ENV_INVALID for an invalid variable, E_DISK_READ
 */
export function loadConfig(input: ConfigInput): Config {
  const projectDir = findProject(input.project, input.workingDir ?? process.cwd());
  const environment = input.environment ?? { ...process.env, ...Object.fromEntries(takeKeyVariables()) };
  const dotEnv = readDotEnv(join(projectDir, '.env'));
  const variables = mergeVariables(dotEnv, environment);
  const inProject = (name: 'DATA_LAKE_DIR' | 'DUCKDB_PATH'): string =>
    assertReadable(name, resolve(projectDir, variables.get(name) ?? VARIABLES[name].default));
  const [pipelinesDir, sqlDir] = [join(projectDir, 'pipelines'), join(projectDir, 'sql')];
  const lakeDir = inProject('DATA_LAKE_DIR');
  const databasePath = inProject('DUCKDB_PATH');
  const closed = [lakeDir, databasePath, pipelinesDir, sqlDir];
  return {
    projectDir,
    pipelinesDir,
    sqlDir,
    lakeDir,
    databasePath,
    exportsDir: join(projectDir, 'exports'),
    compression: choose(variables, 'LAKE_COMPRESSION', COMPRESSIONS, VARIABLES.LAKE_COMPRESSION.default),
    logDir: assertOutside(
      'LOG_DIR',
      resolve(projectDir, variables.get('LOG_DIR') ?? VARIABLES.LOG_DIR.default),
      closed,
    ),
    logLevel: choose(variables, 'LOG_LEVEL', LOG_LEVELS, VARIABLES.LOG_LEVEL.default),
    key: { ...readKeySettings(projectDir, variables, dotEnv, environment), lakeDir },
    lineage: readLineageSettings(variables, {
      projectDir,
      closed,
    }),
    variables: new Map([...variables].filter(([name]) => !isKeyVariable(name))),
    places: `the environment and ${join(projectDir, '.env')}`,
    terminal: describeTerminal(variables),
    runHeapMb: readHeap(variables),
    childEnvironment: Object.fromEntries(
      Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
}

function readHeap(variables: ReadonlyMap<string, string>): number {
  const text = variables.get('RUN_HEAP_MB') ?? VARIABLES.RUN_HEAP_MB.default;
  const number = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (number >= 128) return number;
  throw failure('E_ENV_INVALID', { name: 'RUN_HEAP_MB', wants: 'a number of megabytes from 128 on' });
}

/** The project folder: `--project`, else the working folder if it has pipelines, else the package. */
function findProject(project: string | null, workingDir: string): string {
  if (project === null) return hasPipelines(workingDir) ? workingDir : findPackageDir();
  const dir = resolve(workingDir, project);
  if (hasPipelines(dir)) return dir;
  throw failure('E_USAGE', {
    what: 'the folder given with --project has no `pipelines` folder',
    hint: 'use the folder that contains `pipelines/` and `sql/`',
  });
}

function assertReadable(name: VariableName, path: string): string {
  const place = name === 'DUCKDB_PATH' ? 'the warehouse' : 'the lake';
  return assertPlain(path, place, `rename the folder, move the project, or set ${name}`);
}

/**
 * Returns a path that DuckDB reads literally, not as a query string or pattern. Checked before any work starts.
 * @param place what is to lie there
 * @throws E_USAGE
 */
export function assertPlain(path: string, place: string, hint: string): string {
  if (!/[?*\n]/.test(path)) return path;
  const what = `the path of ${place} contains \`?\`, \`*\` or a line break`;
  throw failure('E_USAGE', { what, hint });
}

function hasPipelines(dir: string): boolean {
  return statSync(join(dir, 'pipelines'), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

const MAX_ENV_BYTES = 1024 * 1024;

function readDotEnv(path: string): ReadonlyMap<string, string> {
  const found = readSmallFileSync(path, MAX_ENV_BYTES);
  if (found.kind === 'missing') return new Map();
  return new Map(Object.entries(parseEnv(textOf(found, path))).map(([name, value]) => [name, value ?? '']));
}

/** An empty variable in the environment hides the one in `.env`, and counts as not set. */
function mergeVariables(
  dotEnv: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const merged = new Map(dotEnv);
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) merged.set(name, value);
  return new Map([...merged].filter(([, value]) => value !== ''));
}

function choose<T extends string>(
  variables: ReadonlyMap<string, string>,
  name: VariableName,
  choices: readonly T[],
  fallback: T,
): T {
  const value = variables.get(name);
  if (value === undefined) return fallback;
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined) throw failure('E_ENV_INVALID', { name, wants: `one of ${choices.join(', ')}` });
  return chosen;
}

const KEY_SOURCES = [
  ['value', 'TOKEN_KEY'],
  ['file', 'TOKEN_KEY_FILE'],
  ['command', 'TOKEN_KEY_COMMAND'],
] as const;

/** A key in the environment overrides all keys in `.env`. */
function readKeySettings(
  projectDir: string,
  variables: ReadonlyMap<string, string>,
  dotEnv: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): Omit<KeySettings, 'lakeDir'> {
  const fromEnvironment = KEY_SOURCES.filter(([, name]) => (environment[name] ?? '') !== '');
  const fromDotEnv = KEY_SOURCES.filter(([kind, name]) => kind !== 'command' && variables.has(name));
  const chosen = fromEnvironment.length > 0 ? fromEnvironment : fromDotEnv;
  return {
    id: variables.get('TOKEN_KEY_ID') ?? null,
    sources: chosen.map(([kind, origin]) => ({ kind, origin, text: variables.get(origin) ?? '' })),
    allowLocal: choose(variables, 'ALLOW_LOCAL_KEY', ['0', '1'], VARIABLES.ALLOW_LOCAL_KEY.default) === '1',
    commandInDotEnv: fromEnvironment.length === 0 && (dotEnv.get('TOKEN_KEY_COMMAND') ?? '') !== '',
    openDotEnv: chosen === fromDotEnv && dotEnv.has('TOKEN_KEY') ? findOpen(join(projectDir, '.env')) : null,
    localKeyPath: join(findUserConfigDir(variables), 'lakeveil', 'local.key'),
    commandEnvironment: keepForCommand(environment),
    projectDir,
  };
}

function findOpen(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && (stats.mode & 0o077) !== 0 ? path : null;
}

/** XDG Base Directory Specification: a relative path is ignored. */
function findUserConfigDir(variables: ReadonlyMap<string, string>): string {
  const configured = variables.get('XDG_CONFIG_HOME') ?? '';
  return isAbsolute(configured) ? configured : join(variables.get('HOME') ?? homedir(), '.config');
}

function keepForCommand(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !isKeyVariable(name) && !name.startsWith('NODE_')) kept[name] = value;
  }
  return kept;
}

function isKeyVariable(name: string): boolean {
  return name === 'TOKEN_KEY' || name.startsWith('TOKEN_KEY_');
}

function describeTerminal(variables: ReadonlyMap<string, string>): Terminal {
  return {
    color: isatty(1) && !variables.has('NO_COLOR') && variables.get('TERM') !== 'dumb',
    interactive: isatty(2) && variables.get('TERM') !== 'dumb',
    width: isatty(1) ? process.stdout.columns : Number.POSITIVE_INFINITY,
  };
}

/** From most to least verbose; `silent` writes nothing. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

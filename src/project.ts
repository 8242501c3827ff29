import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TREATMENTS } from './anonymize/treatments/registry.js';
import type { Config } from './base/config/config.js';
import type { Effects } from './base/effects.js';
import { dateIn } from './base/dates/calendar.js';
import { failure } from './base/errors.js';
import { DocumentCache } from './base/files/document-cache.js';
import { readPackage } from './base/files/package-dir.js';
import type { Definition } from './base/types/definition.js';
import { ALL_PIPELINES, type RunRecord, runRecordSchema } from './base/types/run-record.js';
import {
  type Entries,
  findEntry,
  loadEntries,
  type ParsedCache,
  readDefinitions,
} from './definition/load-project.js';
import { type LakeStore, LocalLake } from './lake/store.js';
import { finishDead } from './ledger/ledger.js';
import type { RunWatch } from './ledger/run-context.js';
import { isRunId } from './ledger/run-id.js';
import { writeRun } from './ledger/write-run.js';
import type { LineageWatch } from './openlineage/watch-runs.js';
import { findLinked } from './warehouse/linked-pipelines.js';

/** Variables that flags set for one pipeline, by name: `--records` is RECORDS. */
export type Overrides = Readonly<Record<string, number | null>>;

/** How long a command waits for another one that has the lake. */
const PATIENCE_MS = 60_000;

interface Context {
  readonly config: Config;
  readonly effects: Effects;
}

/** Which definitions a command loads: all, none, that of its pipeline, or also those whose SQL shares tables with it. */
export type LoadScope = 'all' | 'own' | 'linked' | 'none';

/**
 * Reads the definitions of the project and finds its lake. A flag that the pipeline's page does not read is refused,
 * for it would do nothing.
 * @throws E_DEFINITION and its like, E_UNKNOWN, E_USAGE
 */
export async function openProject(
  context: Context,
  pipeline: string | null = null,
  overrides: Overrides = {},
): Promise<Project> {
  const entries = await readDefinitions(context.config.projectDir);
  return openEntries(context, entries, { pipeline, overrides, scope: 'all' });
}

/**
 * Opens the project with all definitions for work that masks nothing, which neither parses a YAML file again that it knows
 * nor tries a treatment.
 * @throws as `openProject`
 */
export async function openTables(context: Context): Promise<Project> {
  const { projectDir, databasePath } = context.config;
  const path = join(dirname(databasePath), '.cache', 'definitions.jsonl');
  const cache: ParsedCache = DocumentCache.open(path, readPackage().version);
  const entries = await readDefinitions(projectDir, cache);
  const opening = { pipeline: null, overrides: {}, scope: 'all', isMasking: false } as const;
  const project = await openEntries(context, entries, opening);
  // A command that is refused before there is a warehouse leaves nothing.
  if (existsSync(databasePath)) await cache.save(entries.map(({ file }) => file));
  return project;
}

interface Opening {
  readonly isMasking?: boolean;
  readonly pipeline: string | null;
  readonly overrides: Overrides;
  readonly scope: LoadScope;
}

async function openEntries(
  { config, effects }: Context,
  entries: Entries,
  { pipeline, overrides, scope, isMasking = true }: Opening,
): Promise<Project> {
  const { projectDir, places, variables } = config;
  const input = { projectDir, treatments: TREATMENTS, places, variables, isMasking };
  const set = Object.entries(overrides).filter(([, value]) => value !== null);
  if (pipeline !== null) findEntry(entries, pipeline);
  const own = new Map([...variables, ...set.map(([name, value]) => [name, String(value)] as const)]);
  const wanted = await chooseEntries(config, entries, pipeline, scope);
  const variablesOf = (name: string) => (name === pipeline ? own : variables);
  const definitions = await loadEntries(input, wanted, variablesOf);
  for (const definition of definitions.values())
    if (definition.pipeline === pipeline) for (const [name] of set) assertRead(definition, name);
  const toolVersion = readPackage().version;
  const loadAll = () => loadEntries(input, entries, variablesOf);
  const project = {
    config,
    effects,
    definitions,
    others: entries.map(({ pipeline: name }) => name).filter((name) => !definitions.has(name)),
    loadOthers: async () => ({ definitions: await loadAll(), others: [] }),
    toolVersion,
  };
  const lake = openLake(config, effects, toolVersion, null);
  if (config.lineage === null) return { ...project, lake };
  const { watchRuns } = await import('./openlineage/watch-runs.js');
  const watch = watchRuns({ ...project, settings: config.lineage, lake, loadAll });
  return { ...project, lake: openLake(config, effects, toolVersion, watch), watch };
}

async function chooseEntries(
  { sqlDir }: Config,
  entries: Entries,
  pipeline: string | null,
  scope: LoadScope,
): Promise<Entries> {
  if (scope === 'none') return [];
  if (pipeline === null || scope === 'all') return entries;
  const names = scope === 'own' ? new Set([pipeline]) : await findLinked(sqlDir, entries, pipeline);
  return entries.filter((entry) => names.has(entry.pipeline));
}

function openLake(
  { lakeDir, databasePath, projectDir }: Config,
  effects: Effects,
  version: string,
  watch: Pick<LineageWatch, 'recovered'> | null,
): LocalLake {
  return new LocalLake({
    root: lakeDir,
    projectDir,
    waiting: {
      patienceMs: PATIENCE_MS,
      sleep: (ms) => effects.sleep(ms, effects.signal),
      onWait: (holder) => {
        effects.log.warn('waiting_for_the_lake', { holder });
      },
    },
    onReceipt: (receipt) => writeReceipt(lakeDir, receipt),
    onDead: async (runId) => {
      await finishDead(lakeDir, runId);
      await watch?.recovered(runId);
    },
    cache: { path: join(dirname(databasePath), '.cache', 'manifests.jsonl'), version },
  });
}

/**
 * What a commit carries is the entry of the run that wrote it. One that is no entry is passed over: the files are the
 * commit, and no later command could begin before it is finished.
 */
async function writeReceipt(lakeDir: string, receipt: unknown): Promise<void> {
  const { data } = runRecordSchema.safeParse(receipt);
  if (data !== undefined && isRunId(data.run_id)) await writeRun(lakeDir, data);
}

function assertRead({ env, file }: Definition, variable: string): void {
  if (env.includes(variable)) return;
  const what = `--${variable.toLowerCase()} sets ${variable}, which ${file} does not read`;
  throw failure('E_USAGE', {
    what,
    hint: `leave it out, or use \${${variable}} in the page and list it under env`,
  });
}

/** Everything that work on a project needs, found once. */
export interface Project {
  readonly config: Config;
  readonly effects: Effects;
  /** By pipeline. */
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Pipelines of the project whose definitions are not loaded, since the command does not touch them. */
  readonly others: readonly string[];
  /** The same project with all definitions. */
  readonly loadOthers: () => Promise<Pick<Project, 'definitions' | 'others'>>;
  readonly lake: LakeStore;
  readonly toolVersion: string;
  /** Told of each run when it is in the ledger, with a way to see how far it is; absent where nobody watches. */
  readonly onRun?: (runId: string, snapshot: () => RunRecord) => void;
  /** Sends the events of each run; absent where OpenLineage is off. */
  readonly watch?: RunWatch;
}

/** @throws E_UNKNOWN naming the pipelines that are there */
export function findDefinition(project: Project, pipeline: string): Definition {
  const definition = project.definitions.get(pipeline);
  if (definition !== undefined) return definition;
  const known = [...project.definitions.keys()].sort().join(', ');
  throw failure('E_UNKNOWN', { kind: 'pipeline', known });
}

/** Today in the time zone of a pipeline, `YYYY-MM-DD`. @throws E_UNKNOWN */
export function todayOf(project: Project, pipeline: string): string {
  return dateIn(project.effects.now(), findDefinition(project, pipeline).timezone);
}

/** What verbs work on when nothing is said, where there is one of that name. */
const DEFAULT_PIPELINE = 'persons';

/** A project, and the pipeline of it that a verb works on. */
interface ChosenPipeline {
  readonly project: Project;
  readonly pipeline: string;
}

/**
 * Opens the project for the pipeline that was named; where none was, for `persons` or the only one.
 * @throws what `openProject` throws; E_UNKNOWN, E_USAGE
 */
export async function openChosen(
  context: Context,
  named: string | undefined,
  scope: LoadScope,
  overrides: Overrides = {},
): Promise<ChosenPipeline> {
  const entries = await readDefinitions(context.config.projectDir);
  const pipeline = named ?? choosePipeline(entries.map((entry) => entry.pipeline));
  return { pipeline, project: await openEntries(context, entries, { pipeline, overrides, scope }) };
}

/** A project, the pipeline of it that a verb works on, and the names of its reports or tables. */
interface Targets extends ChosenPipeline {
  readonly names: readonly string[];
}

/**
 * Opens the project for `[PIPELINE] [NAME…]`: the first word is a pipeline if one has that name.
 * @throws as `openChosen`
 */
export async function openTargets(context: Context, words: readonly string[]): Promise<Targets> {
  const entries = await readDefinitions(context.config.projectDir);
  const known = entries.map((entry) => entry.pipeline);
  const [first, ...rest] = words;
  const isNamed = first !== undefined && known.includes(first);
  const pipeline = isNamed ? first : choosePipeline(known);
  // Whether a raw zone may be read is in the definition of its dataset.
  const scope = words.some((word) => word.startsWith('bronze.')) ? 'all' : 'linked';
  const project = await openEntries(context, entries, { pipeline, overrides: {}, scope });
  return { project, pipeline, names: isNamed ? rest : words };
}

/** Opens the project for work on its published tables alone: no definition is loaded, so no raw zone is open. */
export async function openPublished(context: Context): Promise<Project> {
  const entries = await readDefinitions(context.config.projectDir);
  return openEntries(context, entries, { pipeline: null, overrides: {}, scope: 'none' });
}

/**
 * The pipeline that is meant when none is named: `persons`, else the only one of the project.
 * @throws E_UNKNOWN if there is none; E_USAGE if there are several
 */
export function choosePipeline(names: readonly string[]): string {
  const chosen = findDefault(names);
  if (chosen !== null) return chosen;
  const hint = `name one of ${[...names].sort().join(', ')}`;
  throw failure('E_USAGE', { what: 'no pipeline is named, and the project has several', hint });
}

/** The same; null where several are there and none is meant, for verbs that can work on all of them. */
export function findDefault(names: readonly string[]): string | null {
  if (names.includes(DEFAULT_PIPELINE)) return DEFAULT_PIPELINE;
  const [first, ...others] = names;
  if (first === undefined) {
    throw failure('E_UNKNOWN', { kind: 'pipeline', known: 'none (pipelines/ has no definitions)' });
  }
  return others.length === 0 ? first : null;
}

/** The ledger's name for work on a pipeline, or on all of them. @throws E_UNKNOWN */
export function nameInLedger(project: Project, pipeline: string | null): string {
  return pipeline === null ? ALL_PIPELINES : findDefinition(project, pipeline).pipeline;
}

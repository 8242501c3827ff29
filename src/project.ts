import { dirname, join } from 'node:path';
import { TREATMENTS } from './anonymize/treatments/registry.js';
import type { Config } from './base/config/config.js';
import type { Effects } from './base/effects.js';
import { dateIn } from './base/dates/calendar.js';
import { failure } from './base/errors.js';
import { readPackage } from './base/files/package-dir.js';
import type { Definition } from './base/types/definition.js';
import { ALL_PIPELINES, type RunRecord, runRecordSchema } from './base/types/run-record.js';
import { loadPipeline, loadProject } from './definition/load-project.js';
import { type LakeStore, LocalLake } from './lake/store.js';
import { finishDead } from './ledger/ledger.js';
import { isRunId } from './ledger/run-id.js';
import { writeRun } from './ledger/write-run.js';

/** Variables that flags set for one pipeline, by name: `--records` is RECORDS. */
export type Overrides = Readonly<Record<string, number | null>>;

/** How long a command waits for another one that has the lake. */
const PATIENCE_MS = 60_000;

/**
 * Reads all definitions of the project and finds its lake. A flag that the pipeline's page does not read is refused,
 * for it would do nothing.
 * @throws E_DEFINITION and its like, E_UNKNOWN, E_USAGE
 */
export async function openProject(
  { config, effects }: { readonly config: Config; readonly effects: Effects },
  pipeline: string | null = null,
  overrides: Overrides = {},
): Promise<Project> {
  const input = {
    projectDir: config.projectDir,
    treatments: TREATMENTS,
    variables: config.variables,
    places: config.places,
  };
  const definitions = new Map(await loadProject(input));
  const set = Object.entries(overrides).filter(([, value]) => value !== null);
  if (pipeline !== null && set.length > 0) {
    const variables = new Map([
      ...config.variables,
      ...set.map(([name, value]) => [name, String(value)] as const),
    ]);
    const definition = await loadPipeline({ ...input, variables }, pipeline);
    for (const [name] of set) assertRead(definition, name);
    definitions.set(pipeline, definition);
  }
  const toolVersion = readPackage().version;
  return { config, effects, definitions, lake: openLake(config, effects, toolVersion), toolVersion };
}

function openLake({ lakeDir, databasePath }: Config, effects: Effects, version: string): LocalLake {
  return new LocalLake({
    root: lakeDir,
    waiting: {
      patienceMs: PATIENCE_MS,
      sleep: (ms) => effects.sleep(ms, effects.signal),
      onWait: (holder) => {
        effects.log.warn('waiting_for_the_lake', { holder });
      },
    },
    onReceipt: (receipt) => writeReceipt(lakeDir, receipt),
    onDead: (runId) => finishDead(lakeDir, runId),
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
  readonly lake: LakeStore;
  readonly toolVersion: string;
  /** Told of each run when it is in the ledger, with a way to see how far it is; absent where nobody watches. */
  readonly onRun?: (runId: string, snapshot: () => RunRecord) => void;
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
 * Opens the project for the pipeline that was named; where none was, for the one that `choosePipeline` gives.
 * @throws what `openProject` throws; E_UNKNOWN, E_USAGE
 */
export async function openChosen(
  context: { readonly config: Config; readonly effects: Effects },
  named: string | undefined,
  overrides: Overrides = {},
): Promise<ChosenPipeline> {
  if (named !== undefined) {
    return { pipeline: named, project: await openProject(context, named, overrides) };
  }
  const project = await openProject(context);
  const pipeline = choosePipeline(project);
  const isSet = Object.values(overrides).some((value) => value !== null);
  return { pipeline, project: isSet ? await openProject(context, pipeline, overrides) : project };
}

/**
 * The pipeline that is meant when none is named: `persons`, else the only one of the project.
 * @throws E_UNKNOWN if there is none; E_USAGE if there are several
 */
export function choosePipeline(project: Project): string {
  const chosen = findDefault(project);
  if (chosen !== null) return chosen;
  const known = [...project.definitions.keys()].sort().join(', ');
  throw failure('E_USAGE', {
    what: 'no pipeline is named, and the project has several',
    hint: `name one of ${known}`,
  });
}

/** The same; null where several are there and none is meant, for verbs that can work on all of them. */
export function findDefault({ definitions }: Project): string | null {
  if (definitions.has(DEFAULT_PIPELINE)) return DEFAULT_PIPELINE;
  const [first, ...others] = definitions.keys();
  if (first === undefined) {
    throw failure('E_UNKNOWN', { kind: 'pipeline', known: 'none (pipelines/ has no definitions)' });
  }
  return others.length === 0 ? first : null;
}

/** The ledger's name for work on a pipeline, or on all of them. @throws E_UNKNOWN */
export function nameInLedger(project: Project, pipeline: string | null): string {
  return pipeline === null ? ALL_PIPELINES : findDefinition(project, pipeline).pipeline;
}

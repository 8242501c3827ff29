import { join } from 'node:path';
import type { Terminal } from '../../base/config/config.js';
import { formatTable } from '../../base/terminal/table.js';
import { listSqlFiles } from '../../base/text/sql-file.js';
import type { OnBreach, ReleaseThresholds } from '../../base/types/release.js';
import type { Definition } from '../../base/types/definition.js';
import type { Project } from '../../project.js';
import type { Model } from '../../warehouse/models/model.js';
import { loadWarehouseProject } from '../../warehouse/project.js';
import { knownIn, listPipelines } from '../transform/transform-dates.js';

/** One pipeline, as a scheduler has to know it. */
interface PipelineEntry {
  readonly pipeline: string;
  readonly description: string;
  /** Relative to the project folder. */
  readonly file: string;
  /** IANA name. */
  readonly timezone: string;
  /** Null where the pipeline runs only when someone starts it. */
  readonly schedule: {
    /** The five fields of crontab, in `timezone`. */
    readonly cron: string;
    /** Whether a run lands the date (or hour) in which it is scheduled, or the one before. */
    readonly scheduled_date: 'current' | 'previous';
    readonly on_missed: 'skip' | 'latest' | 'all';
  } | null;
  /** Runs land hours instead of dates: `--date YYYY-MM-DDTHH`. */
  readonly hourly: boolean;
  /** Whether an earlier date can be fetched: not where a dataset is the state of today. */
  readonly backfill: boolean;
  /** Requests to the source at once. */
  readonly concurrency: number;
  readonly datasets: readonly DatasetEntry[];
  /** Tables of `silver` and `gold`, each after its inputs. */
  readonly models: readonly string[];
  /** Releases with what each must reach; `pipeline privacy RELEASE` measures one again. */
  readonly releases: readonly ReleaseEntry[];
  readonly reports: readonly string[];
  /** Other pipelines whose tables its models read. */
  readonly reads: readonly string[];
}

interface ReleaseEntry {
  readonly release: string;
  readonly from: string;
  readonly require: ReleaseThresholds;
  readonly on_breach: OnBreach;
}

interface DatasetEntry {
  readonly dataset: string;
  readonly time: 'by_date' | 'snapshot' | 'seeded';
  readonly slot: 'hour' | null;
  readonly raw_zone: 'restricted' | 'open';
}

/** What `pipeline definitions --json` prints. */
interface DefinitionList {
  readonly pipelines: readonly PipelineEntry[];
}

/**
 * Every pipeline of the project with what a scheduler needs. Reads definitions and SQL files, neither lake nor source.
 * @throws E_MODEL, E_LINEAGE, E_NAME, E_DISK_READ
 */
export async function listDefinitions(project: Project): Promise<DefinitionList> {
  const { models } = await loadWarehouseProject(listPipelines(project), knownIn(project));
  const owners = listOwners(project, models);
  const definitions = [...project.definitions.values()];
  const pipelines = definitions.map((definition) => describe(project, definition, models, owners));
  return { pipelines: await Promise.all(pipelines) };
}

/** The pipeline of each bronze view and model, by its qualified name. */
function listOwners({ definitions }: Project, models: readonly Model[]): ReadonlyMap<string, string> {
  const views = [...definitions.values()].flatMap(({ pipeline, datasets }) =>
    [...datasets.keys()].flatMap((name) => [
      [`bronze.${name}`, pipeline] as const,
      [`bronze.${name}_latest`, pipeline] as const,
    ]),
  );
  return new Map([...views, ...models.map(({ name, pipeline }) => [name, pipeline] as const)]);
}

async function describe(
  { config }: Project,
  { pipeline, description, file, timezone, schedule, source, datasets, releases }: Definition,
  models: readonly Model[],
  owners: ReadonlyMap<string, string>,
): Promise<PipelineEntry> {
  const own = models.filter((model) => model.pipeline === pipeline);
  const reads = new Set(own.flatMap((model) => model.reads).flatMap((name) => owners.get(name) ?? []));
  const kinds = [...datasets.values()];
  const folder = { dir: join(config.sqlDir, pipeline, 'reports'), label: `sql/${pipeline}/reports` };
  const reports = await listSqlFiles(folder);
  return {
    pipeline,
    description,
    file,
    timezone,
    schedule: schedule && {
      cron: schedule.cron,
      scheduled_date: schedule.date,
      on_missed: schedule.onMissed,
    },
    hourly: kinds.some(({ slot }) => slot === 'hour'),
    backfill: kinds.every(({ time }) => time !== 'snapshot'),
    concurrency: source.concurrency,
    datasets: kinds.map(({ name, time, slot, rawZone }) => ({
      dataset: name,
      time,
      slot,
      raw_zone: rawZone,
    })),
    models: own.filter(({ release }) => release === null).map(({ name }) => name),
    releases: releases.map(({ name, from, require, onBreach }) => ({
      release: name,
      from,
      require,
      on_breach: onBreach,
    })),
    reports: reports.map(({ name }) => name),
    reads: [...reads].filter((name) => name !== pipeline).sort(),
  };
}

/** One line a pipeline. */
export function formatDefinitions({ pipelines }: DefinitionList, terminal: Terminal): string {
  if (pipelines.length === 0) return 'No pipelines. Create one with `pipeline new`.';
  const rows = pipelines.map(({ pipeline, schedule, timezone, datasets, models, reports }) => [
    pipeline,
    schedule?.cron ?? null,
    timezone,
    datasets.length,
    models.length,
    reports.length,
  ]);
  return formatTable(['pipeline', 'schedule', 'time zone', 'datasets', 'models', 'reports'], rows, terminal);
}

import { dirname, join } from 'node:path';
import { TREATMENTS } from '../anonymize/treatments/registry.js';
import type { Config } from '../base/config/config.js';
import type { LineageSettings } from '../base/config/lineage-settings.js';
import type { Effects } from '../base/effects.js';
import { LakeveilError, systemCode } from '../base/errors.js';
import type { Definition } from '../base/types/definition.js';
import type { ManifestSource } from '../base/types/manifest.js';
import type { RunRecord } from '../base/types/run-record.js';
import { landingsOf } from '../ledger/landings.js';
import { readRun } from '../ledger/read-runs.js';
import type { RunWatch } from '../ledger/run-context.js';
import { isRunId } from '../ledger/run-id.js';
import type { StageSpan } from '../ledger/stage-meter.js';
import type { LakeStore } from '../lake/store.js';
import { describePipelines } from '../warehouse/describe-pipelines.js';
import { loadLineage, type ProjectLineage } from '../warehouse/lineage/known-columns.js';
import type { KnownDataset } from './datasets.js';
import { describeEnd, describeStart } from './describe-run.js';
import { facetsOf, type RunEvent } from './event.js';
import { EventSender } from './send-events.js';
import type { Span, Subject } from './step-event.js';

type Definitions = ReadonlyMap<string, Definition>;

export interface WatchInput {
  readonly settings: LineageSettings;
  readonly config: Pick<Config, 'projectDir' | 'sqlDir' | 'lakeDir' | 'databasePath'>;
  readonly effects: Pick<Effects, 'fetch' | 'sleep' | 'log' | 'now'>;
  readonly lake: Pick<LakeStore, 'read'>;
  readonly definitions: Definitions;
  /** Those of the whole project: a run can build the tables of pipelines that are not loaded. */
  readonly loadAll: () => Promise<Definitions>;
  readonly toolVersion: string;
  /** How long to wait for the endpoint, in milliseconds; by default one second. */
  readonly patienceMs?: number;
}

/** Follows runs, also those of which another process finds out that they are over. */
export interface LineageWatch extends RunWatch {
  /** The process of the run has died, and its ledger entry says how it ended. */
  recovered(runId: string): Promise<void>;
}

const NO_LINEAGE: ProjectLineage = { tables: [], checks: [] };

/** Sends the events of OpenLineage of each run. Whatever fails is logged: no run depends on it. */
export function watchRuns(input: WatchInput): LineageWatch {
  const { settings, effects, patienceMs, config } = input;
  const sender = new EventSender({ settings, effects, ...(patienceMs === undefined ? {} : { patienceMs }) });
  const emit = async (describe: () => Promise<readonly RunEvent[]>): Promise<void> => {
    try {
      await sender.send(await describe());
    } catch (error) {
      const why = error instanceof LakeveilError ? error.code : systemCode(error);
      effects.log.warn('lineage_failed', { why });
    }
  };
  const finish = async (record: RunRecord, spans: readonly StageSpan[]): Promise<void> => {
    const now = effects.now();
    const placed = placeSpans(record, spans, { now, nowMs: performance.now() });
    await emit(async () => describeEnd(await openSubject(input, record, placed), now.toISOString()));
    await sender.settle();
  };
  return {
    started: (record) =>
      emit(() => {
        const { definitions } = input;
        return Promise.resolve([describeStart(makeSubject(input, record, { definitions }))]);
      }),
    ended: finish,
    recovered: async (runId) => {
      const record = isRunId(runId) ? await readRun(config.lakeDir, runId).catch(() => null) : null;
      if (record !== null && record.status !== 'running') await finish(record, []);
    },
  };
}

interface Findings {
  readonly definitions: Definitions;
  readonly sources?: ReadonlyMap<string, ManifestSource>;
  readonly lineage?: ProjectLineage;
  readonly spans?: readonly Span[];
}

function makeSubject({ settings, config }: WatchInput, record: RunRecord, findings: Findings): Subject {
  const {
    definitions,
    sources = new Map<string, ManifestSource>(),
    lineage = NO_LINEAGE,
    spans = [],
  } = findings;
  const datasets = new Map<string, KnownDataset>(
    [...definitions.values()].flatMap((definition) =>
      [...definition.datasets].map(([name, dataset]) => {
        const source = sources.get(name) ?? null;
        return [name, { definition, dataset, source }] as const;
      }),
    ),
  );
  const places = { ...config, facet: facetsOf(record.tool_version), datasets };
  return { record, spans, places, lineage, namespace: settings.namespace };
}

/** All that the last events of a run tell. */
async function openSubject(input: WatchInput, record: RunRecord, spans: readonly Span[]): Promise<Subject> {
  const { definitions: loaded } = input;
  const isLoaded = record.models.every(({ pipeline }) => loaded.has(pipeline));
  const definitions = isLoaded ? loaded : await input.loadAll();
  const needsLineage =
    record.models.some(({ built }) => built !== 'skipped') ||
    record.checks.some(({ dataset }) => dataset === null) ||
    record.error?.where.model !== undefined;
  const lineage = needsLineage ? await readLineage(input, definitions) : NO_LINEAGE;
  const sources = await readSources(input, record);
  return makeSubject(input, record, { definitions, sources, lineage, spans });
}

function readLineage({ config, toolVersion }: WatchInput, definitions: Definitions): Promise<ProjectLineage> {
  const isToken = (treatment: string) => TREATMENTS.get(treatment)?.isToken === true;
  const cacheDir = join(dirname(config.databasePath), '.cache');
  return loadLineage(describePipelines(definitions, config.sqlDir, isToken), { cacheDir, toolVersion });
}

/** Where the records of each dataset that landed came from: `--source` replaces what the definition says. */
async function readSources({ lake }: WatchInput, record: RunRecord) {
  const sources = new Map<string, ManifestSource>();
  for (const { dataset, date, slot } of landingsOf(record)) {
    const manifest = await lake.read({ dataset, date, slot });
    if (manifest !== null) sources.set(dataset, manifest.source);
  }
  return sources;
}

/** From the monotonic clock to that of the run, within the run. */
function placeSpans(
  record: RunRecord,
  spans: readonly StageSpan[],
  { now, nowMs }: { readonly now: Date; readonly nowMs: number },
): Span[] {
  const [first, last] = [Date.parse(record.started_at), Date.parse(record.finished_at ?? now.toISOString())];
  const place = (ms: number) => {
    const wall = now.getTime() - (nowMs - ms);
    return new Date(Math.min(Math.max(wall, first), Math.max(first, last))).toISOString();
  };
  return spans.map(({ stage, dataset, sinceMs, untilMs }) => ({
    stage,
    dataset,
    from: place(sinceMs),
    to: place(untilMs),
  }));
}

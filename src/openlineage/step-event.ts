import { addDays, DAY_MS } from '../base/dates/calendar.js';
import { startIn } from '../base/dates/zoned.js';
import { describeKept } from '../base/errors.js';
import type { RunRecord } from '../base/types/run-record.js';
import type { StageSpan } from '../ledger/stage-meter.js';
import type { ProjectLineage } from '../warehouse/lineage/known-columns.js';
import type { Places } from './datasets.js';
import {
  EVENT_SCHEMA,
  type EventType,
  type Facets,
  type LineageDataset,
  nameProducer,
  type RunEvent,
} from './event.js';

/** A run of the ledger, and what its events need to know besides. */
export interface Subject {
  readonly record: RunRecord;
  /** When its stages had work, as ISO 8601; of a run that another process recovered, none. */
  readonly spans: readonly Span[];
  readonly places: Places;
  readonly lineage: ProjectLineage;
  readonly namespace: string;
}

export interface Span extends Pick<StageSpan, 'stage' | 'dataset'> {
  readonly from: string;
  readonly to: string;
}

/** A run, a stage or a model: what stands in its START event and in its last one. */
export interface Step {
  readonly runId: string;
  readonly name: string;
  readonly type: 'COMMAND' | 'STAGE' | 'MODEL' | 'TEST';
  readonly from: string;
  readonly to: string;
  readonly end: Exclude<EventType, 'START'>;
  /** Its place in the run, nearest first: the step that started it, and the run. */
  readonly parents: readonly Pick<Step, 'runId' | 'name'>[];
  readonly jobFacets: Facets;
  readonly inputs: readonly LineageDataset[];
  readonly outputs: readonly LineageDataset[];
}

const HOUR_MS = DAY_MS / 24;

/** A START event, or the last one of a step. Pure. */
export function toEvent({ record, places, namespace }: Subject, step: Step, eventType: EventType): RunEvent {
  const { facet } = places;
  const { tool_version: version, error, status } = record;
  const [parent, root = parent] = step.parents.map(({ runId, name }) => ({
    run: { runId },
    job: { namespace, name },
  }));
  const jobType = { processingType: 'BATCH', integration: 'LAKEVEIL', jobType: step.type };
  const isFailed = eventType === 'FAIL' || (eventType === 'ABORT' && step.parents.length === 0);
  const code = error?.code ?? (status === 'interrupted' ? 'E_RUN_DIED' : null);
  return {
    eventType,
    eventTime: eventType === 'START' ? step.from : step.to,
    producer: nameProducer(version),
    schemaURL: EVENT_SCHEMA,
    run: {
      runId: step.runId,
      facets: {
        ...facet('processing_engine', { name: 'Lakeveil', version, openlineageAdapterVersion: version }),
        ...nominalTimeOf(record, places),
        ...(parent === undefined ? {} : facet('parent', { ...parent, root })),
        ...(isFailed && code !== null
          ? facet('errorMessage', {
              message: `${code}: ${describeKept(code, error?.facts ?? {}).remedy}`,
              programmingLanguage: 'TypeScript',
            })
          : {}),
      },
    },
    job: { namespace, name: step.name, facets: { ...facet('jobType', jobType), ...step.jobFacets } },
    // The first event names the datasets, the last one describes them.
    inputs: eventType === 'START' ? step.inputs.map(nameOf) : step.inputs,
    outputs: eventType === 'START' ? step.outputs.map(nameOf) : step.outputs,
  };
}

function nameOf({ namespace, name }: LineageDataset): LineageDataset {
  return { namespace, name };
}

/** The date or the hour that a run is for, in the time zone of its pipeline. */
function nominalTimeOf({ date, slot, pipeline }: RunRecord, { datasets, facet }: Places): Facets {
  if (date === null) return {};
  const own = [...datasets.values()].find(({ definition }) => definition.pipeline === pipeline);
  const zone = own?.definition.timezone ?? 'UTC';
  const start = startIn(date, zone);
  const hour = slot === null ? 0 : Number(slot);
  const [from, to] =
    slot === null
      ? [start, startIn(addDays(date, 1), zone)]
      : [start + hour * HOUR_MS, start + (hour + 1) * HOUR_MS];
  return facet('nominalTime', {
    nominalStartTime: new Date(from).toISOString(),
    nominalEndTime: new Date(to).toISOString(),
  });
}

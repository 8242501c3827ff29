import type { DatasetResult, RunRecord, StageMetrics } from '../base/types/run-record.js';
import { landingsOf } from '../ledger/landings.js';
import type { ProjectLineage } from '../warehouse/lineage/known-columns.js';
import type { TableLineage } from '../warehouse/lineage/trace-columns.js';
import { describeLanded, describeSource, describeTable, nameTable, type Places } from './datasets.js';
import { keyOf, listChecked } from './describe-checks.js';
import { type Facets, type LineageDataset, nameChildRun, type RunEvent } from './event.js';
import { type Step, type Subject, toEvent } from './step-event.js';

/** Commands whose stages have datasets of the definition. Others have events of the run alone. */
const STAGED = ['run', 'ingest', 'backfill', 'transform', 'init-db'];

/** The first event of a run. Pure. */
export function describeStart(subject: Subject): RunEvent {
  return toEvent(subject, describeRun(subject), 'START');
}

/** All others: those of its stages and models in the order of time, then the last one of the run. Pure. */
export function describeEnd(subject: Subject, now: string): RunEvent[] {
  const { record } = subject;
  const run = describeRun(subject, record.finished_at ?? now);
  const stages = STAGED.includes(record.command) ? record.stages : [];
  const steps = [
    ...stages.flatMap((stage) => listSteps(subject, stage, run)),
    ...(record.checks.length === 0 ? [] : [describeChecks(subject, run)]),
  ];
  const events = steps.flatMap((step) => [toEvent(subject, step, 'START'), toEvent(subject, step, step.end)]);
  const inOrder = events
    .map((event, place) => ({ event, place }))
    .sort((a, b) => compare(a.event.eventTime, b.event.eventTime) || a.place - b.place)
    .map(({ event }) => event);
  return [...inOrder, toEvent(subject, run, run.end)];
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function describeRun({ record, places }: Subject, to = record.started_at): Step {
  const { run_id: runId, pipeline, command, started_at: from } = record;
  const description = [...places.datasets.values()].find(({ definition }) => definition.pipeline === pipeline)
    ?.definition.description;
  return {
    runId,
    name: `${pipeline}.${command}`,
    type: 'COMMAND',
    from,
    to,
    end: describeStatus(record),
    parents: [],
    jobFacets: description === undefined ? {} : places.facet('documentation', { description }),
    inputs: [],
    outputs: [],
  };
}

function describeStatus({ status, error }: RunRecord): Step['end'] {
  if (status === 'succeeded' || status === 'unchanged') return 'COMPLETE';
  return status === 'interrupted' && error !== null ? 'ABORT' : 'FAIL';
}

/** A stage of a dataset, and of `transform` also each table that it built. */
function listSteps(subject: Subject, stage: StageMetrics, run: Step): Step[] {
  const { record, spans, places, lineage } = subject;
  const { stage: kind, dataset } = stage;
  const name = [kind, ...(dataset === null ? [] : [dataset])].join('.');
  const span = spans.find((one) => one.stage === kind && one.dataset === dataset);
  const step: Step = {
    runId: nameChildRun(record.run_id, name),
    name: `${record.pipeline}.stage.${name}`,
    type: 'STAGE',
    from: span?.from ?? run.from,
    to: span?.to ?? run.to,
    end: describeStageEnd(record, stage),
    parents: [run],
    jobFacets: {},
    inputs: [],
    outputs: [],
  };
  if (kind === 'transform') {
    const built = listBuilt(record, lineage);
    const read = built.flatMap(({ table }) => table.reads.filter((one) => one.startsWith('bronze.')));
    const inputs = mergeByName(read.map((one) => nameTable(places, one)));
    const outputs = built.map(({ table, rows }) => withRows(places, nameTable(places, table.model), rows));
    return [{ ...step, inputs, outputs }, ...listModels(subject, step, run)];
  }
  const known = dataset === null ? undefined : places.datasets.get(dataset);
  if (known === undefined) return [step];
  const rows = kind === 'fetch' ? stage.rows_out : stage.rows_in;
  const input = {
    ...describeSource(places, known),
    inputFacets: places.facet('inputStatistics', { rowCount: rows }),
  };
  const landed = record.datasets.find((one) => one.dataset === dataset);
  const hasLanded = landingsOf(record).some((one) => one.dataset === dataset);
  if (kind !== 'land' || landed === undefined || !hasLanded) return [{ ...step, inputs: [input] }];
  const output = { ...describeLanded(places, known), outputFacets: describeFiles(places, landed) };
  return [{ ...step, inputs: [input], outputs: [output] }];
}

/** Of the stages before a failure that nothing outlives, none is complete. */
function describeStageEnd(record: RunRecord, { stage, dataset }: StageMetrics): Step['end'] {
  const end = describeStatus(record);
  const where = record.error?.where;
  if (end === 'COMPLETE') return end;
  const failed = where?.stage === 'commit' ? 'land' : where?.stage;
  const isAfterLanding = failed === 'transform' || failed === 'report';
  if (stage === failed && (where?.dataset === undefined || dataset === null || where.dataset === dataset))
    return end;
  return isAfterLanding ? 'COMPLETE' : 'ABORT';
}

function describeFiles({ facet }: Places, { landed, partitions }: DatasetResult): Facets {
  const size = partitions.reduce((sum, { bytes }) => sum + bytes, 0);
  return facet('outputStatistics', { rowCount: landed, size, fileCount: partitions.length });
}

function withRows({ facet }: Places, dataset: LineageDataset, rowCount: number): LineageDataset {
  return { ...dataset, outputFacets: facet('outputStatistics', { rowCount }) };
}

/** The checks of datasets and tables: one step, whose inputs say what was found. */
function describeChecks({ record, spans, places, lineage }: Subject, run: Step): Step {
  const span = spans.find(({ stage }) => stage === 'transform');
  return {
    ...run,
    runId: nameChildRun(record.run_id, 'checks'),
    name: `${record.pipeline}.checks`,
    type: 'TEST',
    from: span?.from ?? run.from,
    to: span?.to ?? run.to,
    end: record.error?.code === 'E_CHECK_FAILED' ? 'FAIL' : 'COMPLETE',
    parents: [run],
    jobFacets: {},
    inputs: listChecked(places, lineage, record.checks),
  };
}

interface BuiltTable {
  readonly table: TableLineage;
  readonly rows: number;
}

/** The tables that are published as this run built them. */
function listBuilt({ models, status, error }: RunRecord, { tables }: ProjectLineage): BuiltTable[] {
  const isPublished = status === 'succeeded' || status === 'unchanged' || error?.where.stage === 'report';
  return models.flatMap(({ model, built, rows }) => {
    const table = tables.find((one) => one.model === model);
    return table === undefined || built === 'skipped' || !isPublished ? [] : [{ table, rows }];
  });
}

/** A step for each table that was built, or for the one that failed. */
function listModels({ record, places, lineage }: Subject, stage: Step, run: Step): Step[] {
  const { facet } = places;
  const describe = (table: TableLineage, end: Step['end'], outputs: readonly LineageDataset[]): Step => ({
    runId: nameChildRun(record.run_id, table.model),
    name: `${table.pipeline}.model.${table.model}`,
    type: 'MODEL',
    from: stage.from,
    to: stage.to,
    end,
    parents: [stage, run],
    jobFacets: {
      ...facet('sql', { query: table.sql, dialect: 'duckdb' }),
      ...facet('documentation', { description: table.description }),
    },
    inputs: mergeByName(table.reads.map((read) => nameTable(places, read))),
    outputs,
  });
  const failed = lineage.tables.find(
    ({ model }) => stage.end === 'FAIL' && model === record.error?.where.model,
  );
  return [
    ...(failed === undefined ? [] : [describe(failed, 'FAIL', [])]),
    ...listBuilt(record, lineage).map(({ table, rows }) =>
      describe(table, 'COMPLETE', [withRows(places, describeTable(places, table), rows)]),
    ),
  ];
}

/** Datasets by name, each once; what an earlier one has of facets stays. */
function mergeByName(datasets: readonly LineageDataset[]): LineageDataset[] {
  const merged = new Map<string, LineageDataset>();
  for (const dataset of datasets) if (!merged.has(keyOf(dataset))) merged.set(keyOf(dataset), dataset);
  return [...merged.values()];
}

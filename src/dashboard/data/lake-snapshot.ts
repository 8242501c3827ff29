import { findTablesState } from '../../actions/report/tables-state.js';
import { describeStatus, readLakeFacts, type StatusReport } from '../../actions/status/read-status.js';
import { findRefused, findReports } from '../../actions/transform/check-sql.js';
import type { RunRecord } from '../../base/types/run-record.js';
import { type LedgerPage, readRuns } from '../../ledger/read-runs.js';
import type { Project } from '../../project.js';
import type { EvaluatedReports } from '../../warehouse/evaluate-reports.js';
import { gatherLanded, type LandedRow } from './gather-landed.js';

/** Ledger entries kept in memory; older ones are read when a view needs them. */
const KEPT_RUNS = 300;

/** Data that several views need from one state of the lake, each read once on first use. */
export interface LakeSnapshot {
  readonly project: Project;
  /** The status of a pipeline, as `pipeline status` computes it, with all its partitions. */
  readonly status: (pipeline: string) => Promise<StatusReport>;
  readonly landed: () => Promise<ReadonlyMap<string, readonly LandedRow[]>>;
  /** The reports of a pipeline that are rejected, whatever the date, and how the others hide small cells. */
  readonly evaluated: (pipeline: string) => Promise<EvaluatedReports>;
  /** The newest runs, newest first. */
  readonly runs: () => Promise<readonly RunRecord[]>;
  /** Whether views list a run. */
  readonly isShown: (run: RunRecord) => boolean;
  /** When the run ended that built the tables; null if the ledger does not say. */
  readonly builtAt: () => Promise<string | null>;
  /** The instant (UTC) that counts as now. */
  readonly asOf: () => Promise<string | null>;
}

/**
 * On a server, `now` is the clock. Published files must be the same for the same lake, so they use no clock: for them,
 * now is when the newest run ended, and runs of `publish` are left out.
 */
export function openSnapshot(project: Project, now: (() => Date) | null): LakeSnapshot {
  const isShown = now === null ? isLasting : () => true;
  const facts = once(() => readLakeFacts(project));
  const landed = once(async () => gatherLanded(project, await facts()));
  const ledger = once<LedgerPage>(() => readRuns(project.config.lakeDir, KEPT_RUNS, isShown));
  const runs = async (): Promise<readonly RunRecord[]> => (await ledger()).runs;
  const asOf = async (): Promise<string | null> =>
    now === null ? findNewestEnd(await runs()) : now().toISOString();
  return {
    project,
    landed,
    status: async (pipeline) => {
      const request = { pipeline, from: null, to: null, limit: Number.POSITIVE_INFINITY };
      return describeStatus(project, request, await facts(), new Date((await asOf()) ?? 0));
    },
    evaluated: onceEach(async (pipeline) =>
      findRefused(project, (await findReports(project, pipeline)).reports),
    ),
    runs,
    isShown,
    builtAt: async () => findTablesState(await runs(), null).as_of,
    asOf,
  };
}

function isLasting({ command, status }: RunRecord): boolean {
  return command !== 'publish' && command !== 'alert' && status !== 'running';
}

function findNewestEnd(runs: readonly RunRecord[]): string | null {
  const ends = runs.flatMap(({ finished_at }) => (finished_at === null ? [] : [finished_at]));
  return ends.sort().at(-1) ?? null;
}

function onceEach<T>(work: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const results = new Map<string, Promise<T>>();
  return (name) => {
    const result = results.get(name) ?? work(name);
    results.set(name, result);
    return result;
  };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => (result ??= work());
}

import type { RunRecord } from '../../base/types/run-record.js';
import { type LedgerPage, readRuns } from '../../ledger/read-runs.js';
import type { Project } from '../../project.js';
import { gatherLanded, type LandedRow } from './gather-landed.js';

/** Entries of the ledger that are kept for the pages; older ones are read when a page asks for them. */
const KEPT_RUNS = 300;

/** What several pages need of one state of the lake, read once and when first asked for. */
export interface LakeSnapshot {
  readonly project: Project;
  readonly landed: () => Promise<ReadonlyMap<string, readonly LandedRow[]>>;
  /** The newest runs, newest first. */
  readonly runs: () => Promise<readonly RunRecord[]>;
  /** Whether the pages tell of a run at all. */
  readonly isShown: (run: RunRecord) => boolean;
  /** When the newest run that has ended did so; null where nothing has run. */
  readonly newestEnd: () => Promise<string | null>;
  /** What is shown as now: an instant in UTC. */
  readonly asOf: () => Promise<string | null>;
}

/**
 * `now` is the clock's own on a server. Files that are to be the same for the same lake know no clock: for them, now is
 * when the newest run ended, and runs that only published are passed over.
 */
export function openSnapshot(project: Project, now: (() => Date) | null): LakeSnapshot {
  const isShown = now === null ? isLasting : () => true;
  const landed = once(() => gatherLanded(project));
  const page = once<LedgerPage>(() => readRuns(project.config.lakeDir, KEPT_RUNS, isShown));
  const runs = async (): Promise<readonly RunRecord[]> => (await page()).runs;
  return {
    project,
    landed,
    runs,
    isShown,
    newestEnd: async () => findNewestEnd(await runs()),
    asOf: async () => (now === null ? findNewestEnd(await runs()) : now().toISOString()),
  };
}

function isLasting({ command, status }: RunRecord): boolean {
  return command !== 'publish' && status !== 'running';
}

function findNewestEnd(runs: readonly RunRecord[]): string | null {
  const ends = runs.flatMap(({ finished_at }) => (finished_at === null ? [] : [finished_at]));
  return ends.sort().at(-1) ?? null;
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | null = null;
  return () => (begun ??= work());
}

import type { MasterKey } from '../anonymize/keys.js';
import type { SourceDefinition } from '../definition/definition.js';
import { counted } from '../ledger/receipts.js';
import type { Project } from '../project.js';
import type { RawPage } from '../record.js';
import type { Authorization } from '../source/authorization.js';
import { NO_AUTHORIZATION } from '../source/authorization.js';
import type { DatasetsOfPages } from '../source/datasets-of-pages.js';
import type { Pace } from '../source/pace.js';
import { pullFiles } from '../source/pull-files.js';
import { pullPages } from '../source/pull-pages.js';
import type { PullInput, PullReceipt } from '../source/pull-pages.js';
import type { Journal } from './journal.js';
import type { StagedWork } from './lane.js';
import { Lane } from './lane.js';
import type { OpenSource } from './open-source.js';

/** The datasets of the same pages, to be brought into the staging folder for one date. */
export interface StagingWork {
  readonly project: Project;
  readonly journal: Journal;
  readonly datasets: DatasetsOfPages;
  readonly source: SourceDefinition;
  readonly from: OpenSource;
  readonly pace: Pace;
  readonly authorization: Authorization;
  readonly key: MasterKey;
  readonly date: string;
  readonly slot: string | null;
  readonly seed: string;
  readonly stagingDir: string;
  readonly limitPages: number | null;
}

/**
 * Fetches each page once and lets it through the lane of every dataset; then the lanes land, in the order of the
 * datasets. Nothing is visible in the lake yet.
 */
export async function stageDatasets(work: StagingWork): Promise<readonly StagedWork[]> {
  const lanes: Lane[] = [];
  try {
    for (const dataset of work.datasets) lanes.push(await Lane.open({ ...work, dataset }));
    await pull(work, lanes);
    const staged: StagedWork[] = [];
    for (const lane of lanes) staged.push(await lane.land());
    return staged;
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

/** Every page is fetched, checked and masked before its slot is free for the next. */
async function pull(work: StagingWork, lanes: readonly Lane[]): Promise<void> {
  const { project, journal, datasets } = work;
  const take = async (raw: RawPage): Promise<void> => {
    await Promise.all(lanes.map((lane) => lane.take(raw)));
    project.effects.progress.advance(raw.records.length);
  };
  journal.noteAsking();
  await pullFrom(
    work,
    counted(take, journal.receipt('fetch', datasets[0].name), (raw) => raw.records.length),
  );
}

function pullFrom(work: StagingWork, outlet: Pick<PullInput, 'each' | 'onBusy'>): Promise<PullReceipt> {
  const { from, project } = work;
  const { effects, config } = project;
  // The bundled server asks nobody who they are, and no secret of another source should reach it.
  const authorization = from.kind === 'embedded' ? NO_AUTHORIZATION : work.authorization;
  return from.kind === 'file'
    ? pullFiles({ ...work, effects, projectDir: config.projectDir, folder: from.folder, ...outlet })
    : pullPages({ ...work, effects, authorization, baseUrl: from.baseUrl, ...outlet });
}

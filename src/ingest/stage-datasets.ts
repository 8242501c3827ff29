import type { MasterKey } from '../anonymize/keys.js';
import { failure } from '../base/errors.js';
import type { SourceDefinition } from '../base/types/definition.js';
import type { RawPage } from '../base/types/record.js';
import type { RunContext } from '../ledger/run-context.js';
import type { Project } from '../project.js';
import { type Authorization, NO_AUTHORIZATION } from '../source/authorization.js';
import type { Pace } from '../source/pace.js';
import { pullFiles } from '../source/pull-files.js';
import { type PullInput, pullPages, type PullReceipt } from '../source/pull-pages.js';
import type { DatasetsOfPages } from '../source/request-text.js';
import { DatasetIngest, type StagedWork } from './dataset-ingest.js';
import type { OpenSource } from './open-source.js';

/** Datasets that share the same pages, to be staged for one date. */
export interface StagingWork {
  readonly project: Project;
  readonly context: RunContext;
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
 * Fetches each page once and passes it to every dataset that is made of it; then each dataset lands in its staging
 * folder, in the order of the definition. Nothing is visible in the lake yet. @throws E_PAGE_DRIFT
 */
export async function stageDatasets(work: StagingWork): Promise<readonly StagedWork[]> {
  for (let tries = 1; ; tries++) {
    const { staged, declaredTotal } = await stageOnce(work);
    const drifted = staged.findIndex(({ landed }) => landed.pageDrift !== null);
    const [dataset, drift] = [work.datasets[drifted], staged[drifted]?.landed.pageDrift];
    if (dataset === undefined || drift === undefined || drift === null) return staged;
    const { onPageDrift } = work.datasets[0].request;
    // Where the source declares how many there are, fewer different ones came.
    if (onPageDrift === 'warn' && declaredTotal === null) return staged;
    if (onPageDrift === 'refetch' && tries < MOST_PULLS) continue;
    const {
      count,
      pages: [first, second],
    } = drift;
    const what = count === 1 ? 'record came' : 'records came';
    throw failure('E_PAGE_DRIFT', { count, what, first, second }, { dataset: dataset.name });
  }
}

/** Pulls of `on_page_drift: refetch`. */
const MOST_PULLS = 3;

async function stageOnce(
  work: StagingWork,
): Promise<{ staged: readonly StagedWork[]; declaredTotal: number | null }> {
  const ingests: DatasetIngest[] = [];
  try {
    for (const dataset of work.datasets) ingests.push(await DatasetIngest.open({ ...work, dataset }));
    const { declaredTotal } = await pull(work, ingests);
    const staged: StagedWork[] = [];
    for (const ingest of ingests) staged.push(await ingest.land());
    return { staged, declaredTotal };
  } finally {
    await Promise.all(ingests.map((ingest) => ingest.close()));
  }
}

/** Every page is fetched, checked and masked before its slot is free for the next. */
async function pull(work: StagingWork, ingests: readonly DatasetIngest[]): Promise<PullReceipt> {
  const { project, context, datasets } = work;
  const meter = context.meter('fetch', datasets[0].name);
  context.recordFirstRequest();
  return pullFrom(work, {
    each: async (raw: RawPage): Promise<void> => {
      meter.addRows(raw.records.length);
      await Promise.all(ingests.map((ingest) => ingest.take(raw)));
      project.effects.progress.advance(raw.records.length);
    },
    onBusy: (ms) => {
      meter.addTime(ms);
    },
  });
}

function pullFrom(work: StagingWork, outlet: Pick<PullInput, 'each' | 'onBusy'>): Promise<PullReceipt> {
  const { from, project } = work;
  const { effects, config } = project;
  // The bundled server requires no authentication, and must not receive the secrets of another source.
  const authorization = from.kind === 'embedded' ? NO_AUTHORIZATION : work.authorization;
  return from.kind === 'file'
    ? pullFiles({ ...work, effects, projectDir: config.projectDir, folder: from.folder, ...outlet })
    : pullPages({ ...work, effects, authorization, baseUrl: from.baseUrl, ...outlet });
}

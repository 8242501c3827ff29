import { failure } from '../base/errors.js';
import type { RawPage } from '../base/types/record.js';
import type { DatasetState, ResumeState } from '../base/types/resume.js';
import { NO_AUTHORIZATION } from '../source/authorization.js';
import { pullEach } from '../source/pull-each.js';
import { pullFiles } from '../source/pull-files.js';
import type { PullInput, PullReceipt } from '../source/page-pull.js';
import { pullPages, type Resuming, type Sharing, StaleState } from '../source/pull-pages.js';
import { FormerPeople } from './former-people.js';
import { DatasetIngest, type StagedWork } from './dataset-ingest.js';
import { ONE_PROCESS, type StagingWork } from './staging-work.js';
import { digestRecords, isEligible, savePull, takeSaved } from './resume.js';

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

/** Goes on from what a failed try within the last hour has left, if the source still answers the same. */
async function stageOnce(work: StagingWork): Promise<Staged> {
  const saved = await takeSaved(work);
  try {
    return await stageFrom(work, saved);
  } catch (error) {
    if (!(error instanceof StaleState)) throw error;
    // What the source answers changes: one process sees each page once.
    return stageFrom({ ...work, workers: ONE_PROCESS }, null);
  }
}

interface Staged {
  readonly staged: readonly StagedWork[];
  readonly declaredTotal: number | null;
}

async function stageFrom(work: StagingWork, saved: ResumeState | null): Promise<Staged> {
  const ingests: DatasetIngest[] = [];
  try {
    for (const dataset of work.datasets) {
      const parentFields = work.parentFieldsOf(dataset.name);
      const former = work.forgotten.formerOf(dataset.name);
      const own = former.length === 0 ? {} : { former: new FormerPeople(dataset, former) };
      const ingest = await DatasetIngest.open({ ...work, dataset, parentFields, ...own });
      ingests.push(ingest);
      const state = saved?.datasets.find(({ name }) => name === dataset.name);
      if (state !== undefined) await ingest.restore(state);
    }
    const { declaredTotal } = await pull(work, ingests, saved);
    const staged: StagedWork[] = [];
    for (const [index, ingest] of ingests.entries())
      staged.push(await ingest.land(work.forgotten.columnsOf(work.datasets[index]?.name ?? '')));
    return { staged, declaredTotal };
  } finally {
    await Promise.all(ingests.map((ingest) => ingest.close()));
  }
}

/** Every page is fetched, checked and masked before its slot is free for the next. */
async function pull(
  work: StagingWork,
  ingests: readonly DatasetIngest[],
  saved: ResumeState | null,
): Promise<PullReceipt> {
  const { project, context, datasets } = work;
  const meter = context.meter('fetch', datasets[0].name);
  context.recordFirstRequest();
  const outlet = {
    each: async (raw: RawPage): Promise<void> => {
      meter.addRows(raw.records.length);
      await Promise.all(ingests.map((ingest) => ingest.take(raw)));
      project.effects.progress.advance(raw.records.length);
    },
    onBusy: (ms: number) => {
      meter.addTime(ms);
    },
  };
  if (saved !== null) {
    const { done, records } = saved.pull;
    project.effects.log.info('resume', { dataset: datasets[0].name, pages: done.length });
    project.effects.progress.advance(records);
  }
  return pullFrom(work, outlet, resumeOf(work, ingests, saved), sharingOf(work, ingests));
}

/** Null for a pull that cannot be gone on with. */
function resumeOf(
  work: StagingWork,
  ingests: readonly DatasetIngest[],
  saved: ResumeState | null,
): Resuming | null {
  if (!isEligible(work)) return null;
  return {
    state: saved?.pull ?? null,
    digest: (records) => digestRecords(work, records),
    onFailure: async (state) => {
      const { log } = work.project.effects;
      const fields = { dataset: work.datasets[0].name, pages: state.done.length };
      try {
        const datasets: DatasetState[] = [];
        for (const ingest of ingests) {
          const kept = await ingest.save();
          if (kept === null) return false;
          datasets.push(kept);
        }
        await savePull(work, state, datasets);
        log.info('kept_for_an_hour', fields);
        return true;
      } catch {
        // The failure of the source is what counts: the next try starts over.
        log.warn('not_kept', fields);
        return false;
      }
    },
  };
}

/** Null where one process takes all pages. */
function sharingOf(work: StagingWork, ingests: readonly DatasetIngest[]): Sharing | null {
  if (work.workers.most < 2 || !isEligible(work)) return null;
  return {
    digest: (records) => digestRecords(work, records),
    run: async (pull, pages) => {
      const { sharePages } = await import('./crew/share-pages.js');
      return sharePages(work, ingests, pull, pages);
    },
  };
}

function pullFrom(
  work: StagingWork,
  outlet: Pick<PullInput, 'each' | 'onBusy'>,
  resuming: Resuming | null,
  sharing: Sharing | null,
): Promise<PullReceipt> {
  const { from, project } = work;
  const { effects, config } = project;
  // The bundled server requires no authentication, and must not receive the secrets of another source.
  const authorization = from.kind === 'embedded' ? NO_AUTHORIZATION : work.authorization;
  const input = { ...work, effects, ...outlet };
  if (from.kind === 'file') {
    const files = { projectDir: config.projectDir, folder: from.folder, parent: null };
    return pullFiles({ ...input, ...files });
  }
  const http = { ...input, authorization, baseUrl: from.baseUrl };
  return work.parents === null
    ? pullPages({ ...http, parent: null }, resuming, sharing)
    : pullEach({ ...http, parents: work.parents });
}

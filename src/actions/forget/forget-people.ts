import { dateOf } from '../../base/dates/calendar.js';
import type { ErasedPartition, Unfinished } from '../../base/types/erasure.js';
import type { Staging } from '../../base/types/staging.js';
import { readTombstones, readUnfinished } from '../../lake/forgotten-file.js';
import type { OnStep } from '../../lake/intent.js';
import { type RunContext, withRun } from '../../ledger/run-context.js';
import { nameInLedger, type Project } from '../../project.js';
import { loadWarehouseProject } from '../../warehouse/project.js';
import { knownIn, listPipelines } from '../transform/transform-dates.js';
import { describeRemoval, type ErasureRequest } from './describe-erasure.js';
import { type Finished, finishErasure, type FinishOptions } from './finish-erasure.js';
import { planSearch, type Search, type Unsearchable } from './plan-search.js';
import type { Unpublish } from './remove-copies.js';
import { rewriteFiles } from './rewrite-files.js';
import { type Found, searchPeople, withFiles } from './search-people.js';
import { areKnown, makeGroups } from './tombstones.js';

/** The options of `forget`. */
export interface ForgetRequest extends ErasureRequest {
  readonly dataset: string;
  readonly by: string;
  /** Partitions and checkpoints that cannot be searched are removed whole. */
  readonly dropUnsearchable: boolean;
  readonly unpublish: Unpublish;
  /** Told of each step, for tests that stop there. */
  readonly onStep?: OnStep;
}

/** What `pipeline forget --json` prints. */
export interface ForgetReport {
  readonly run_id: string | null;
  /** `nothing`: no row is left of these people, and none can land again. */
  readonly status: 'planned' | 'forgotten' | 'nothing' | 'resumed';
  readonly dataset: string | null;
  readonly values: number;
  readonly people: number;
  readonly rows: number;
  readonly partitions: readonly Omit<ErasedPartition, 'files'>[];
  readonly checkpoints: readonly { readonly model: string; readonly rows: number }[];
  readonly unsearchable: readonly { readonly name: string; readonly why: string }[];
  /** Unsearchable partitions and checkpoints that were removed whole. */
  readonly dropped: readonly string[];
  /** Every erasure that was finished, one of them of an earlier command that was interrupted. */
  readonly finished: readonly Finished[];
}

/**
 * Finds the people and says what an erasure would change. Changes nothing.
 * @throws as `planSearch`
 */
export async function previewForget(project: Project, request: ForgetRequest): Promise<ForgetReport> {
  const search = await planSearch(project, request, request.values);
  const found = await withFiles(project, null, (connection) => searchPeople(connection, project, search));
  return describe(null, 'planned', request, search, found, []);
}

/**
 * Erases people from everything that the project has: rewrites partitions and checkpoints in one commit with their
 * tombstones, then rebuilds the tables, removes exports and sites, loads targets again, and writes a signed receipt. First
 * finishes erasures that were interrupted.
 * @throws as `planSearch`, `loadWarehouseProject` and `finishErasure`; E_CUSTODY, E_LOCKED, E_DISK
 */
export async function forgetPeople(project: Project, request: ForgetRequest): Promise<ForgetReport> {
  const options = optionsOf(request);
  // An erasure that cannot start is no run, and none should stop before the tables for a wrong model.
  await loadWarehouseProject(listPipelines(project), knownIn(project));
  const { pipeline } = await planSearch(project, request, request.values);
  return withForgetRun(project, pipeline, async (context) => {
    const finished = await finishLeft(project, context, options);
    const { staging } = context;
    const { report, unfinished } = await project.lake.exclusively(
      `forget ${context.runId}`,
      async (found) => {
        context.recordRecovery(found);
        return commitErasure(project, context, staging, request);
      },
    );
    if (unfinished === null) return { ...report, finished };
    const own = await finishErasure(project, context, unfinished, options);
    return { ...report, finished: [...finished, own] };
  });
}

/** Finishes erasures that were interrupted after their commit; needs no values. @throws as `finishErasure` */
export async function resumeForget(
  project: Project,
  request: Pick<ForgetRequest, 'unpublish' | 'onStep'>,
): Promise<ForgetReport> {
  const nothing = {
    values: 0,
    people: 0,
    rows: 0,
    partitions: [],
    checkpoints: [],
    unsearchable: [],
    dropped: [],
  };
  return withForgetRun(project, null, async (context) => {
    const finished = await finishLeft(project, context, optionsOf(request));
    return { run_id: context.runId, status: 'resumed', dataset: null, ...nothing, finished };
  });
}

function optionsOf({ unpublish, onStep }: Pick<ForgetRequest, 'unpublish' | 'onStep'>): FinishOptions {
  return { unpublish, onStep: onStep ?? (() => undefined) };
}

function withForgetRun(
  project: Project,
  pipeline: string | null,
  work: (context: RunContext) => Promise<ForgetReport>,
): Promise<ForgetReport> {
  const start = { command: 'forget', pipeline: nameInLedger(project, pipeline), date: null, slot: null };
  return withRun(project, start, async (context) => {
    try {
      return await work(context);
    } finally {
      await context.staging.clear();
    }
  });
}

/** A commit that was interrupted is completed before it is looked for. */
async function finishLeft(
  project: Project,
  context: RunContext,
  options: FinishOptions,
): Promise<Finished[]> {
  const left = await project.lake.exclusively(`forget ${context.runId}`, async (found) => {
    context.recordRecovery(found);
    return readUnfinished(project.lake.root);
  });
  const finished: Finished[] = [];
  for (const erasure of left) finished.push(await finishErasure(project, context, erasure, options));
  return finished;
}

async function commitErasure(
  project: Project,
  context: RunContext,
  staging: Staging,
  request: ForgetRequest,
): Promise<{ readonly report: ForgetReport; readonly unfinished: Unfinished | null }> {
  const search = await planSearch(project, request, request.values);
  const { found, files } = await withFiles(project, staging.dir, async (connection) => {
    const hits = await searchPeople(connection, project, search);
    const kept = request.dropUnsearchable ? leaveOut(hits, search.unsearchable) : hits;
    return { found: hits, files: await rewriteFiles(connection, project, staging.dir, search, kept) };
  });
  const dropped = request.dropUnsearchable ? search.unsearchable : [];
  const today = dateOf(project.effects.now());
  const tombstones = (await readTombstones(project.lake.root)).filter(
    ({ expires_on }) => expires_on === null || today < expires_on,
  );
  const groups = makeGroups(search, found.tokens);
  const isNothing = found.rows === 0 && dropped.length === 0 && areKnown(search, groups, tombstones);
  const status = isNothing ? 'nothing' : 'forgotten';
  const report = describe(context.runId, status, request, search, found, dropped);
  if (isNothing) return { report, unfinished: null };
  const facts = { project, context, request, search, found, files, dropped, groups, tombstones };
  const removal = describeRemoval(facts);
  project.effects.signal.throwIfAborted();
  await project.lake.remove(staging, context.runId, removal, context.preview(project.effects.now()));
  return { report, unfinished: removal.erasure.unfinished };
}

/** What goes whole is not written again. */
function leaveOut(found: Found, unsearchable: readonly Unsearchable[]): Found {
  const manifests = new Set(unsearchable.map(({ partition }) => partition));
  const models = new Set(unsearchable.map(({ checkpoint }) => checkpoint?.model));
  return {
    ...found,
    partitions: found.partitions.filter(({ manifest }) => !manifests.has(manifest)),
    checkpoints: found.checkpoints.filter(({ checkpoint }) => !models.has(checkpoint.model)),
  };
}

function describe(
  runId: string | null,
  status: ForgetReport['status'],
  { dataset, values }: ForgetRequest,
  { unsearchable }: Search,
  found: Found,
  dropped: readonly Unsearchable[],
): ForgetReport {
  return {
    run_id: runId,
    status,
    dataset,
    values: values.length,
    people: found.people,
    rows: found.rows,
    partitions: found.partitions.map(({ manifest, files }) => {
      const { date, slot, counts } = manifest;
      const rows = files.reduce((sum, file) => sum + file.rows, 0);
      return { dataset, date, slot, rows_before: counts.landed, rows_after: counts.landed - rows };
    }),
    checkpoints: found.checkpoints.map(({ checkpoint: { model }, rows }) => ({ model, rows })),
    unsearchable: unsearchable.map(({ name, why }) => ({ name, why })),
    dropped: dropped.map(({ name }) => name),
    finished: [],
  };
}

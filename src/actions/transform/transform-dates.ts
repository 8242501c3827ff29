import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { TREATMENTS } from '../../anonymize/treatments/registry.js';
import { failure } from '../../base/errors.js';
import { commandsFor } from '../../base/next-commands.js';
import { countOf } from '../../base/text/numbers.js';
import type { Landing } from '../../base/types/landed.js';
import type { Manifest } from '../../base/types/manifest.js';
import type { AcceptedLoss } from '../../base/types/result.js';
import type { ModelResult, RunRecord } from '../../base/types/run-record.js';
import {
  acceptLosses,
  assertReadable,
  findForgotten,
  type Loss,
  type LossKind,
  type Survey,
} from '../../lake/survey.js';
import { landingsOf } from '../../ledger/landings.js';
import { openLedgerCache, readAllRuns } from '../../ledger/read-runs.js';
import type { RunContext } from '../../ledger/run-context.js';
import type { Project } from '../../project.js';
import { describePipelines } from '../../warehouse/describe-pipelines.js';
import { emitFailedChecks } from '../../warehouse/checks/run-checks.js';
import { writeMark } from '../../warehouse/file/built-mark.js';
import { hasDatabase, inspectPublished, type PublishedState } from '../../warehouse/file/next-file.js';
import type { KnownInput } from '../../warehouse/known-project.js';
import type { LandedPartition, WarehousePipeline } from '../../warehouse/landed-partition.js';
import type { LandedCheckpoint } from '../../warehouse/models/landed-checkpoint.js';
import type { BuildScope, TransformInput } from '../../warehouse/transform-input.js';
import { transformWarehouse } from '../../warehouse/transform-warehouse.js';
import { digestSources, findUnchanged } from './find-unchanged.js';

/**
 * Builds the warehouse from the lake, under the lake's lock: changed inputs, the given dates, or everything. Where nothing
 * has changed, the published file stays. Needs no network.
 * @param acceptLoss build the tables also if landed partitions are gone, and record that
 * @throws E_LOST, and what `transformWarehouse` throws
 */
export async function transformDates(
  opened: Project,
  context: RunContext,
  dates: BuildScope,
  acceptLoss = false,
): Promise<readonly ModelResult[]> {
  return opened.lake.exclusively(`transform ${context.runId}`, async (recovery) => {
    context.recordRecovery(recovery);
    // The datasets of a run and the commits that it completed are in the tables of `ops`.
    const hasNews = dates.length > 0 || acceptLoss || context.datasets.length > 0;
    const isIdle = !hasNews && context.recovery.recovered.length === 0;
    const mark = isIdle ? await findUnchanged(opened, listPipelines(opened), context.runId) : null;
    if (mark === null) return buildTables(opened, context, { dates, acceptLoss });
    context.checks = mark.checks;
    context.releases = mark.releases;
    emitFailedChecks(mark.checks, opened.effects.log);
    const rows = { in: mark.landed, out: countRows };
    context.models = await context.stage('transform', null, rows, () => Promise.resolve(mark.models));
    return context.models;
  });
}

interface BuildOrder {
  readonly dates: BuildScope;
  readonly acceptLoss: boolean;
}

async function buildTables(
  opened: Project,
  context: RunContext,
  { dates, acceptLoss }: BuildOrder,
): Promise<readonly ModelResult[]> {
  const { config, effects, lake, toolVersion } = opened;
  const { databasePath, lakeDir } = config;
  const { runId } = context;
  // Taken before the files are read: a change in the meantime is news for the next transform.
  const sources = await digestSources(opened, listPipelines(opened), [runId]);
  const runs = await readAllRuns(lakeDir, openLedgerCache(databasePath, toolVersion));
  const current = context.preview(effects.now());
  const survey = await lake.survey();
  assertReadable(survey);
  const published = opened.others.length === 0 ? null : await inspectPublished(databasePath, toolVersion);
  const project = await loadBuilt(opened, published, survey);
  const { others } = project;
  const losses = findLosses(survey, runs).filter(({ landing }) => !others.includes(landing.pipeline));
  if (!acceptLoss) assertNoLoss(project, losses);
  await lake.record(survey.unrecorded);
  const partitions = survey.manifests.map((manifest) => withFiles(project, manifest));
  const landed = countLanded(partitions);
  const found = { areRepeatable: false };
  const input: TransformInput = {
    databasePath,
    published,
    lakeDir,
    runId,
    toolVersion,
    partitions,
    pipelines: listPipelines(project),
    others: published === 'current' ? others : [],
    known: knownIn(project),
    dates,
    effects,
    checkpoints: await listCheckpoints(project),
    runs: [current, ...runs.filter(({ run_id }) => run_id !== runId)],
    onChecks: (checks, repeatable) => {
      context.checks = checks;
      found.areRepeatable = repeatable;
    },
    onRelease: (release) => {
      context.recordRelease(release);
    },
  };
  const rows = { in: landed, out: countRows };
  const models = await context.stage('transform', null, rows, () => transformWarehouse(input));
  context.models = models;
  const isRepeatable = found.areRepeatable && project === opened;
  if (isRepeatable && isDeepStrictEqual(sources, await digestSources(opened, listPipelines(opened), [runId])))
    await writeMark(databasePath, {
      ...sources,
      landed,
      models,
      checks: context.checks,
      releases: context.releases,
    });
  await lake.record(acceptLosses(losses, runId, effects.now()));
  context.acceptedLosses = losses.map(({ landing }) => describeLoss(landing));
  return models;
}

/**
 * The project as far as it is built: a file that has to be built anew gets the tables of all pipelines that have landed
 * something, else those of the other pipelines would be gone from it.
 */
async function loadBuilt(
  opened: Project,
  published: PublishedState | null,
  { manifests }: Survey,
): Promise<Project> {
  const hasOthers = manifests.some(({ pipeline }) => opened.others.includes(pipeline));
  return published === 'current' || !hasOthers ? opened : { ...opened, ...(await opened.loadOthers()) };
}

function describeLoss({ pipeline, dataset, date, slot, run_id, rows }: Landing): AcceptedLoss {
  return { pipeline, dataset, date, slot, run_id, rows };
}

function countLanded(partitions: readonly LandedPartition[]): number {
  return partitions.reduce((rows, { manifest }) => rows + manifest.counts.landed, 0);
}

function countRows(models: readonly ModelResult[]): number {
  return models.reduce((rows, model) => rows + model.rows, 0);
}

/**
 * Checks that the warehouse file is usable before any request to a source.
 * @throws E_NOT_A_DATABASE, E_DISK_READ
 */
export async function checkWarehouseFile({ config }: Project): Promise<void> {
  await hasDatabase(config.databasePath);
}

function withFiles({ lake }: Project, manifest: Manifest): LandedPartition {
  return { manifest, files: lake.filesOf(manifest) };
}

/** What has landed and is not there as it landed, also by the ledger alone. */
function findLosses(survey: Survey, runs: readonly RunRecord[]): readonly Loss[] {
  return [...survey.losses, ...findForgotten(survey, runs.flatMap(landingsOf))];
}

const WHAT = {
  gone: 'is gone',
  older: 'is replaced by older data',
  changed: 'has another manifest than that run wrote',
} as const satisfies Record<LossKind, string>;

/** A loss in a dataset that no definition has changes no table. @throws E_LOST */
function assertNoLoss({ definitions, effects }: Project, losses: readonly Loss[]): void {
  const own = losses.filter(({ landing }) =>
    definitions.get(landing.pipeline)?.datasets.has(landing.dataset),
  );
  const [first] = own;
  if (first === undefined) return;
  const { pipeline, dataset, run_id } = first.landing;
  const date = nameMoment(first.landing);
  const definition = definitions.get(pipeline);
  const command = definition === undefined ? '' : commandsFor(definition, effects.now()).run(date);
  const facts = { command, dataset, date, run: run_id, what: WHAT[first.kind] };
  const more = own.length === 1 ? '' : ` (and ${countOf(own.length - 1, 'other partition')})`;
  throw failure('E_LOST', { ...facts, more }, { dataset, stage: 'transform' });
}

function nameMoment({ date, slot }: Landing): string {
  return slot === null ? date : `${date}T${slot}`;
}

/** Every checkpoint with the absolute path of its file. */
export async function listCheckpoints({ lake }: Project): Promise<LandedCheckpoint[]> {
  const { checkpoints } = await lake.listKept();
  return checkpoints.map((checkpoint) => ({ checkpoint, path: lake.fileOf(checkpoint) }));
}

/** Where commands keep what they found out about the SQL of the project. */
export function knownIn({ config, toolVersion }: Project): KnownInput {
  return { cacheDir: join(dirname(config.databasePath), '.cache'), toolVersion };
}

/** The pipelines of the project that are loaded, as the warehouse sees them. */
export function listPipelines({ definitions, config }: Project): WarehousePipeline[] {
  return describePipelines(
    definitions,
    config.sqlDir,
    (treatment) => TREATMENTS.get(treatment)?.isToken === true,
  );
}

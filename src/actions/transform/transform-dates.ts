import { dirname, join } from 'node:path';
import { TREATMENTS } from '../../anonymize/treatments/registry.js';
import { failure } from '../../base/errors.js';
import { DocumentCache } from '../../base/files/document-cache.js';
import { commandsFor } from '../../base/next-commands.js';
import { countOf } from '../../base/text/numbers.js';
import type { Landing } from '../../base/types/landed.js';
import type { Manifest } from '../../base/types/manifest.js';
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
import { type LedgerCache, readAllRuns } from '../../ledger/read-runs.js';
import type { RunContext } from '../../ledger/run-context.js';
import type { Project } from '../../project.js';
import { hasDatabase, inspectPublished, type PublishedState } from '../../warehouse/file/next-file.js';
import type { KnownInput } from '../../warehouse/known-project.js';
import type { LandedPartition, WarehousePipeline } from '../../warehouse/landed-partition.js';
import type { LandedCheckpoint } from '../../warehouse/models/landed-checkpoint.js';
import type { BuildScope, TransformInput } from '../../warehouse/transform-input.js';
import { transformWarehouse } from '../../warehouse/transform-warehouse.js';

/**
 * Builds the warehouse from the lake, under the lake's lock: changed inputs, the given dates, or everything. Needs no
 * network.
 * @param acceptLoss build the tables also if landed partitions are gone, and record that
 * @throws E_LOST, and what `transformWarehouse` throws
 */
export async function transformDates(
  opened: Project,
  context: RunContext,
  dates: BuildScope,
  acceptLoss = false,
): Promise<readonly ModelResult[]> {
  const { config, effects, lake, toolVersion } = opened;
  return lake.exclusively(`transform ${context.runId}`, async (recovery) => {
    context.recordRecovery(recovery);
    const runs = await readAllRuns(config.lakeDir, openLedgerCache(opened));
    const current = context.preview(effects.now());
    const survey = await lake.survey();
    assertReadable(survey);
    const published =
      opened.others.length === 0 ? null : await inspectPublished(config.databasePath, toolVersion);
    const project = await loadBuilt(opened, published, survey);
    const losses = findLosses(survey, runs).filter(
      ({ landing }) => !project.others.includes(landing.pipeline),
    );
    if (!acceptLoss) assertNoLoss(project, losses);
    await lake.record(survey.unrecorded);
    const partitions = survey.manifests.map((manifest) => withFiles(project, manifest));
    const input: TransformInput = {
      databasePath: config.databasePath,
      published,
      lakeDir: config.lakeDir,
      runId: context.runId,
      toolVersion,
      partitions,
      checkpoints: await listCheckpoints(project),
      runs: [current, ...runs.filter(({ run_id }) => run_id !== context.runId)],
      pipelines: listPipelines(project),
      known: knownIn(project),
      others: published === 'current' ? project.others : [],
      dates,
      onChecks: (checks) => {
        context.checks = checks;
      },
      effects,
    };
    const rows = { in: countLanded(partitions), out: countRows };
    context.models = await context.stage('transform', null, rows, () => transformWarehouse(input));
    await lake.record(acceptLosses(losses, context.runId, effects.now()));
    context.acceptedLosses = losses.map(({ landing: { pipeline, dataset, date, slot, run_id, rows } }) => {
      return { pipeline, dataset, date, slot, run_id, rows };
    });
    return context.models;
  });
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

function openLedgerCache({ config, toolVersion }: Project): LedgerCache {
  return DocumentCache.open(join(dirname(config.databasePath), '.cache', 'runs.jsonl'), toolVersion);
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
  return [...definitions.values()].map(({ pipeline, datasets }) => ({
    pipeline,
    sqlDir: join(config.sqlDir, pipeline),
    datasets: [...datasets.values()].map(({ name, time, landing, primaryKey, checks }) => ({
      name,
      time,
      columns: landing.map(({ name: column, type, class: pii, treatment, rawOnly }) => ({
        name: column,
        type,
        class: pii,
        treatment,
        rawOnly,
      })),
      tokens: landing
        .filter(
          (column) => TREATMENTS.get(column.treatment)?.isToken === true && primaryKey.includes(column.name),
        )
        .map((column) => column.name),
      checks,
    })),
  }));
}

import { explainPipeline } from '../../actions/explain/explain-pipeline.js';
import {
  describeLineage,
  type LineageSource,
  type PublishedModel,
} from '../../actions/models/describe-lineage.js';
import { LakeveilError } from '../../base/errors.js';
import { readRun } from '../../ledger/read-runs.js';
import { describeProblem, describeRunLine } from './describe-run.js';
import { listReleases } from './list-releases.js';
import type { LandedRow } from './gather-landed.js';
import type { LakeSnapshot } from './lake-snapshot.js';
import type { Problem } from './models.js';
import type { ColumnOrigin, KeyLine, PrivacyModel, ProofLine, PublishedTable } from './privacy-models.js';

const SHOWN_PROOFS = 60;
/** Errors of a run that a shape check or a control total stopped. */
const STOPPED_BY_PROOF: readonly string[] = ['E_SHAPE', 'E_CUSTODY'];

/** The decision for every field of a pipeline, and the checks of its landed partitions. @throws E_UNKNOWN */
export async function gatherPrivacy(snapshot: LakeSnapshot, pipeline: string): Promise<PrivacyModel> {
  const { file, datasets } = explainPipeline(snapshot.project, pipeline);
  const landed = (await snapshot.landed()).get(pipeline) ?? [];
  const newest = landed.slice(-SHOWN_PROOFS).reverse();
  const runs = (await snapshot.runs()).filter((run) => run.pipeline === pipeline);
  return {
    pipeline,
    file,
    datasets,
    releases: listReleases(pipeline, await snapshot.runs()),
    proofs: await Promise.all(newest.map((row) => describeProof(snapshot, row))),
    proofTotal: landed.length,
    refusals: runs.filter(({ error }) => STOPPED_BY_PROOF.includes(error?.code ?? '')).map(describeRunLine),
    keys: listKeys(landed),
    lineage: await gatherLineage(snapshot, pipeline),
  };
}

/** If the SQL cannot be analyzed, returns the problem, so that the rest of the view is still shown. */
async function gatherLineage(
  { project, runs }: LakeSnapshot,
  pipeline: string,
): Promise<PublishedTable[] | Problem> {
  try {
    const { models } = await describeLineage(project, pipeline);
    const built = (await runs()).filter(({ status }) => status === 'succeeded').flatMap((run) => run.models);
    return models.map((model) => ({
      ...describeTable(model),
      singledOut:
        built.find((one) => one.model === model.model && one.singled_out !== null)?.singled_out ?? null,
    }));
  } catch (error) {
    if (error instanceof LakeveilError) return describeProblem(error);
    throw error;
  }
}

function describeTable({
  model,
  file,
  columns,
  indirect,
}: PublishedModel): Omit<PublishedTable, 'singledOut'> {
  return {
    model,
    file,
    decides: indirect.map(describeOrigin),
    columns: columns.map(({ column, class: pii, from, unknown, exposes }) => ({
      column,
      class: pii,
      exposes,
      from: from.map(describeOrigin),
      doubts: [...unknown.map((name) => `unknown: ${name} cannot be traced`)],
    })),
  };
}

function describeOrigin({ landed, treatment, raw_only: rawOnly }: LineageSource): ColumnOrigin {
  return { landed, treatment, rawOnly };
}

/** The share of unique rows is recorded by the run that landed the partition. */
async function describeProof({ runs, project }: LakeSnapshot, row: LandedRow): Promise<ProofLine> {
  const { dataset, date, slot, rows, columns, adopted, runId } = row;
  const known = (await runs()).find(({ run_id }) => run_id === runId);
  const run = known ?? (await readRun(project.config.lakeDir, runId));
  const result = run?.datasets.find((each) => each.dataset === dataset);
  return { dataset, date, slot, rows, columns, adopted, singledOut: result?.singled_out ?? null };
}

function listKeys(landed: readonly LandedRow[]): KeyLine[] {
  const ids = [...new Set(landed.map(({ keyId }) => keyId))].filter((id) => id !== null).sort();
  return ids.map((id) => {
    const own = landed.filter(({ keyId }) => keyId === id);
    const dates = own.map(({ date }) => date).sort();
    return {
      id,
      partitions: own.length,
      datasets: [...new Set(own.map(({ dataset }) => dataset))].sort(),
      from: dates[0] ?? '',
      to: dates.at(-1) ?? '',
    };
  });
}

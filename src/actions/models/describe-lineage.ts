import type { PiiClass } from '../../base/types/definition.js';
import { findDefinition, type Project } from '../../project.js';
import type { ColumnLineage, LandedSource, ModelLineage } from '../../warehouse/lineage/model-lineage.js';
import { type BoundModel, traceLineage } from '../../warehouse/lineage/trace-lineage.js';
import { namesOf } from '../../warehouse/models/model.js';
import { withProject } from '../../warehouse/project.js';
import { listPipelines } from '../transform/transform-dates.js';

/** A column of bronze, with what was decided of it. */
export interface LineageSource {
  /** `DATASET.COLUMN`. */
  readonly landed: string;
  readonly class: PiiClass;
  /** Null for a column of the lake's own, such as the date of a row. */
  readonly treatment: string | null;
  readonly raw_only: boolean;
}

/** A published column, back to what has landed. */
export interface PublishedColumn {
  readonly column: string;
  /** The strictest of what it follows from. */
  readonly class: PiiClass;
  /** Columns of the tables that the model itself reads for it: what it is made of, and what decides its rows. */
  readonly reads: readonly string[];
  readonly from: readonly LineageSource[];
  /** Always empty: a model with a name that no table has is refused. Kept for those who read it. */
  readonly unresolved: readonly string[];
  /** Parts of plans that are not known: it counts as made of everything. */
  readonly unknown: readonly string[];
  /** Why it is shown though it is made of what is raw only, or null. */
  readonly exposes: string | null;
}

export interface PublishedModel {
  readonly model: string;
  readonly file: string;
  readonly columns: readonly PublishedColumn[];
  /** What decides which rows there are: filters, joins, groups, keys, here and in what it reads. */
  readonly indirect: readonly LineageSource[];
}

/** What `pipeline models --lineage --json` prints, each model after what it reads. */
export interface Lineage {
  readonly pipeline: string;
  readonly models: readonly PublishedModel[];
}

/**
 * The lineage of each column of silver and gold of a pipeline. Reads SQL files alone, neither lake nor warehouse.
 * @throws E_UNKNOWN, E_MODEL, E_LINEAGE, E_NAME, E_DISK_READ
 */
export async function describeLineage(project: Project, name: string): Promise<Lineage> {
  const { pipeline } = findDefinition(project, name);
  return withProject(listPipelines(project), async ({ models, datasets }, { instance, bound }) => {
    const files = new Map(models.map((model) => [model.name, model.file]));
    const lineage = await traceLineage(instance, listNeeded(bound, pipeline), datasets);
    const own = lineage.filter((model) => model.pipeline === pipeline);
    return { pipeline, models: own.map((model) => describeModel(model, files.get(model.model) ?? '')) };
  });
}

/** The models of a pipeline, and all that they read, each after what it reads. */
function listNeeded(bound: readonly BoundModel[], pipeline: string): readonly BoundModel[] {
  const names = new Set<string>();
  return bound
    .toReversed()
    .filter(({ model }) => {
      const isNeeded = model.pipeline === pipeline || namesOf(model).some((name) => names.has(name));
      if (isNeeded) for (const name of model.reads) names.add(name);
      return isNeeded;
    })
    .toReversed();
}

function describeModel({ model, columns, indirect }: ModelLineage, file: string): PublishedModel {
  return { model, file, columns: columns.map(describeColumn), indirect: indirect.map(describeSource) };
}

function describeColumn({ name, landed, ...facts }: ColumnLineage): PublishedColumn {
  const { class: pii, reads, unknown, exposes } = facts;
  const from = landed.map(describeSource);
  return { column: name, class: pii, reads, from, unresolved: [], unknown, exposes };
}

function describeSource({ dataset, column, class: pii, treatment, rawOnly }: LandedSource): LineageSource {
  return { landed: `${dataset}.${column}`, class: pii, treatment, raw_only: rawOnly };
}

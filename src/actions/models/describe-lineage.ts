import type { PiiClass } from '../../base/types/definition.js';
import { findDefinition, type Project } from '../../project.js';
import type { ColumnLineage, LandedSource, ModelLineage } from '../../warehouse/lineage/model-lineage.js';
import { type BoundModel, traceLineage } from '../../warehouse/lineage/trace-lineage.js';
import { namesOf } from '../../warehouse/models/model.js';
import { withProject } from '../../warehouse/project.js';
import { listPipelines } from '../transform/transform-dates.js';

/** A bronze column with its class and treatment. */
export interface LineageSource {
  /** `DATASET.COLUMN`. */
  readonly landed: string;
  readonly class: PiiClass;
  /** Null for a column that the lake adds, such as the date of a row. */
  readonly treatment: string | null;
  readonly raw_only: boolean;
}

/** A published column, traced to the landed columns. */
export interface PublishedColumn {
  readonly column: string;
  /** The strictest class of its sources. */
  readonly class: PiiClass;
  /** Columns that the model reads directly for it: its sources, and those that decide its rows. */
  readonly reads: readonly string[];
  readonly from: readonly LineageSource[];
  /** Always empty: a model with an unresolved name is rejected. Kept for existing readers. */
  readonly unresolved: readonly string[];
  /** Unknown plan operators: the column then counts as made of every column. */
  readonly unknown: readonly string[];
  /** Why it is published although it uses a raw-only column, or null. */
  readonly exposes: string | null;
}

export interface PublishedModel {
  readonly model: string;
  readonly file: string;
  readonly columns: readonly PublishedColumn[];
  /** Columns that decide the rows: filters, joins, groups and keys, here and in its inputs. */
  readonly indirect: readonly LineageSource[];
}

/** What `pipeline models --lineage --json` prints, each model after its inputs. */
export interface Lineage {
  readonly pipeline: string;
  readonly models: readonly PublishedModel[];
}

/**
 * The lineage of each silver and gold column of a pipeline. Reads only the SQL files.
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

/** The models of a pipeline and all their inputs, each after its inputs. */
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

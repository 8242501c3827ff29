import type { PiiClass } from '../../base/types/definition.js';
import { findDefinition, type Project } from '../../project.js';
import type { ColumnLineage, LandedSource, ModelLineage } from '../../warehouse/lineage/model-lineage.js';
import { loadProject } from '../../warehouse/project.js';
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
  /** The strictest of what it is made of. */
  readonly class: PiiClass;
  /** Columns of the tables that the model itself reads. */
  readonly reads: readonly string[];
  readonly from: readonly LineageSource[];
  /** Names that no table has: it counts as made of all that the model reads. */
  readonly unresolved: readonly string[];
  /** Parts of SQL that are not known: it may be made of anything. */
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
  const { models, lineage } = await loadProject(listPipelines(project));
  const files = new Map(models.map((model) => [model.name, model.file]));
  const own = lineage.filter((model) => model.pipeline === pipeline);
  return { pipeline, models: own.map((model) => describeModel(model, files.get(model.model) ?? '')) };
}

function describeModel({ model, columns, indirect }: ModelLineage, file: string): PublishedModel {
  return { model, file, columns: columns.map(describeColumn), indirect: indirect.map(describeSource) };
}

function describeColumn({ name, landed, ...facts }: ColumnLineage): PublishedColumn {
  const { class: pii, reads, unresolved, unknown, exposes } = facts;
  return { column: name, class: pii, reads, from: landed.map(describeSource), unresolved, unknown, exposes };
}

function describeSource({ dataset, column, class: pii, treatment, rawOnly }: LandedSource): LineageSource {
  return { landed: `${dataset}.${column}`, class: pii, treatment, raw_only: rawOnly };
}

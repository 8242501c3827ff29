import { LakeveilError } from '../errors.js';
import type { Project } from '../project.js';
import { findDefinition } from '../project.js';
import type { Cell } from '../result.js';
import { loadProject } from '../warehouse/project.js';
import { queryWarehouse } from '../warehouse/query-warehouse.js';
import type { WarehouseReader } from '../warehouse-reader.js';
import { openWarehouse } from './report-on.js';
import { listPipelines } from './transform-dates.js';

/** One node of the graph, and what is published of it; null where nothing is. */
export interface ModelNode {
  readonly model: string;
  readonly file: string;
  readonly materialize: string;
  /** Qualified names of bronze views and models. */
  readonly reads: readonly string[];
  readonly rows: number | null;
  /** When the run began that built it last (any of its dates), ISO 8601 in UTC. */
  readonly last_build: string | null;
}

/** What `pipeline models --json` prints, each model after what it reads. */
export interface ModelList {
  readonly pipeline: string;
  readonly models: readonly ModelNode[];
}

/** The graph of a pipeline's models. @throws E_UNKNOWN, E_MODEL, E_NOT_A_DATABASE, E_DISK_READ */
export async function describeModels(project: Project, name: string): Promise<ModelList> {
  const { pipeline } = findDefinition(project, name);
  const { models } = await loadProject(listPipelines(project));
  const own = models.filter((model) => model.pipeline === pipeline);
  const reader = await openIfThere(project);
  try {
    const builds = reader === null ? new Map<string, Cell>() : await readBuilds(reader);
    const nodes: ModelNode[] = [];
    for (const { name: model, file, materialize, reads } of own) {
      const isThere = reader !== null && builds.has(model);
      nodes.push({
        model,
        file,
        materialize,
        reads,
        rows: isThere ? await countRows(reader, model) : null,
        last_build: isThere ? toText(builds.get(model)) : null,
      });
    }
    return { pipeline, models: nodes };
  } finally {
    reader?.close();
  }
}

async function openIfThere(project: Project): Promise<WarehouseReader | null> {
  return openWarehouse(project, null).catch((error: unknown) => {
    if (error instanceof LakeveilError && error.code === 'E_NO_WAREHOUSE') return null;
    throw error;
  });
}

/** When each published model was built last. */
async function readBuilds(reader: WarehouseReader): Promise<Map<string, Cell>> {
  const { rows } = await queryWarehouse(
    reader,
    `select tables.table_schema || '.' || tables.table_name, max(runs.started_at)
     from information_schema.tables as tables
     left join ops.builds as builds on builds.model = tables.table_schema || '.' || tables.table_name
     left join ops.runs as runs on runs.run_id = builds.run_id
     where tables.table_schema in ('silver', 'gold') group by all`,
  );
  return new Map(rows.map(([model, builtAt]) => [String(model), builtAt ?? null]));
}

async function countRows(reader: WarehouseReader, model: string): Promise<number> {
  const { rows } = await queryWarehouse(reader, `select count(*) from ${model}`);
  return Number(rows[0]?.[0] ?? 0);
}

function toText(cell: Cell | undefined): string | null {
  return typeof cell === 'string' ? cell : null;
}

import type { Terminal } from '../../base/config/config.js';
import { formatMoment } from '../../base/dates/calendar.js';
import { LakeveilError } from '../../base/errors.js';
import { formatTable } from '../../base/terminal/table.js';
import { formatJson } from '../../base/text/json.js';
import type { Cell } from '../../base/types/result.js';
import type { WarehouseReader } from '../../base/types/warehouse-reader.js';
import { findDefinition, type Project } from '../../project.js';
import { queryWarehouse } from '../../warehouse/published/open-reader.js';
import { loadWarehouseProject } from '../../warehouse/project.js';
import { openWarehouse } from '../report/report-on.js';
import { knownIn, listPipelines } from '../transform/transform-dates.js';

/** One node of the graph and its published state; null if it is not published. */
interface ModelNode {
  readonly model: string;
  readonly file: string;
  readonly materialize: string;
  /** Qualified names of bronze views and models. */
  readonly reads: readonly string[];
  readonly rows: number | null;
  /** Start of the run that last built it (any of its dates), ISO 8601 in UTC. */
  readonly last_build: string | null;
}

/** What `pipeline models --json` prints, each model after its inputs. */
interface ModelList {
  readonly pipeline: string;
  readonly models: readonly ModelNode[];
}

/** The graph of a pipeline's models. @throws E_UNKNOWN, E_MODEL, E_NOT_A_DATABASE, E_DISK_READ */
export async function describeModels(project: Project, name: string): Promise<ModelList> {
  const { pipeline } = findDefinition(project, name);
  const { models } = await loadWarehouseProject(listPipelines(project), knownIn(project));
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

/** When each published model was last built. */
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

const COLUMNS = ['model', 'materialize', 'rows', 'last build (UTC)', 'reads'];

/** The models of a pipeline, each after its inputs. */
export function formatModels(
  { pipeline, models }: ModelList,
  format: ModelFormat,
  terminal: Terminal,
): string {
  switch (format) {
    case 'json':
      return formatJson(models);
    case 'mermaid':
      return drawGraph(models);
    case 'table':
      return models.length === 0
        ? `${pipeline} has no models.`
        : formatTable(COLUMNS, models.map(listCells), { ...terminal, grouped: true });
    default:
      return format satisfies never;
  }
}

function listCells({ model, materialize, rows, last_build, reads }: ModelNode) {
  const built = last_build === null ? null : formatMoment(last_build);
  return [model, materialize, rows, built, reads.join(', ')];
}

/** A Mermaid flowchart: an arrow from each input to the model that reads it. */
function drawGraph(models: readonly ModelNode[]): string {
  const names = new Set(models.flatMap(({ model, reads }) => [...reads, model]));
  const nodes = [...names].sort().map((name) => `  ${idOf(name)}["${name}"]`);
  const arrows = models.flatMap(({ model, reads }) =>
    reads.map((read) => `  ${idOf(read)} --> ${idOf(model)}`),
  );
  return ['flowchart LR', ...nodes, ...arrows].join('\n');
}

/** A name of a table or a column as an id of Mermaid. */
export function idOf(name: string): string {
  return name.replaceAll('.', '__').replace(/\W/g, (sign) => `_${String(sign.codePointAt(0))}_`);
}

/** Output formats of `models`. */
export const MODEL_FORMATS = ['table', 'mermaid', 'json'] as const;
export type ModelFormat = (typeof MODEL_FORMATS)[number];

import type { Terminal } from '../config.js';
import type { ModelList, ModelNode } from '../operations/describe-models.js';
import { formatJson } from './json.js';
import type { ModelFormat } from './model-format.js';
import { formatTable } from './table.js';

const COLUMNS = ['model', 'materialize', 'rows', 'last build (UTC)', 'reads'];

/** The models of a pipeline, each after what it reads. */
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
  const built = last_build === null ? null : `${last_build.slice(0, 10)} ${last_build.slice(11, 19)}`;
  return [model, materialize, rows, built, reads.join(', ')];
}

/** Mermaid's flowchart: an arrow from what is read to who reads it. */
function drawGraph(models: readonly ModelNode[]): string {
  const names = new Set(models.flatMap(({ model, reads }) => [...reads, model]));
  const nodes = [...names].sort().map((name) => `  ${idOf(name)}["${name}"]`);
  const arrows = models.flatMap(({ model, reads }) =>
    reads.map((read) => `  ${idOf(read)} --> ${idOf(model)}`),
  );
  return ['flowchart LR', ...nodes, ...arrows].join('\n');
}

function idOf(name: string): string {
  return name.replace('.', '__');
}

import { writePath } from '../../base/json-values.js';
import type { DatasetDefinition } from '../../base/types/definition.js';
import { type Problems, suggest } from '../read/problems.js';

/**
 * Checks what `for_each` names: a dataset of the definition that is pulled before, by a chain of requests without a
 * cycle, and leaves of its contract. Errors go to `problems`.
 */
export function evaluateParents(datasets: readonly DatasetDefinition[], problems: Problems): void {
  const byName = new Map(datasets.map((dataset) => [dataset.name, dataset]));
  for (const dataset of datasets) {
    const { name, of, forEach } = dataset;
    if (forEach === null || of !== null) continue;
    const at = ['datasets', name, 'for_each'];
    const parent = byName.get(forEach.dataset);
    if (parent === undefined) {
      if (problems.isHidden(['datasets', forEach.dataset])) continue;
      const known = [...byName.keys()].filter((other) => other !== name);
      problems.add([...at, 'dataset'], 'unknown dataset', suggest(forEach.dataset, known));
    } else if (isAbove(dataset, parent, byName)) {
      problems.add([...at, 'dataset'], 'the datasets of `for_each` form a cycle', 'name another dataset');
    } else evaluateFields(dataset, parent, problems);
    if (dataset.slot !== (parent?.slot ?? null)) {
      problems.add(at, '`slot` must be that of the parent', 'write the same `slot` in both datasets');
    }
  }
}

function isAbove(
  dataset: DatasetDefinition,
  parent: DatasetDefinition,
  byName: ReadonlyMap<string, DatasetDefinition>,
): boolean {
  const met = new Set([dataset.name]);
  for (let next: DatasetDefinition | undefined = parent; next !== undefined;) {
    if (met.has(next.of ?? next.name)) return true;
    met.add(next.name);
    next = next.forEach === null ? undefined : byName.get(next.forEach.dataset);
  }
  return false;
}

/** A field of the parent has a decision there: it is a leaf of its contract. */
function evaluateFields(
  { name, forEach }: DatasetDefinition,
  parent: DatasetDefinition,
  problems: Problems,
): void {
  const known = [...parent.contract.leaves.keys()];
  for (const path of new Set(forEach?.fields.map(writePath))) {
    if (known.includes(path) || problems.isHidden(['datasets', parent.name, 'contract'])) continue;
    const what = `${parent.name} has no leaf ${path}`;
    problems.add(['datasets', name, 'for_each'], what, suggest(path, known));
  }
}

import { findInRecord, readsAsText } from '../../base/record-steps.js';
import type { DatasetDefinition } from '../../base/types/definition.js';
import type { DatasetsOfPages } from '../request-text.js';
import { computeMaxContainers } from '../structure.js';
import { createCsvReader } from './csv.js';
import type { BodyShape, ExactLeaf, ReadBody } from './format.js';
import { createJsonReader } from './json.js';
import { createNdjsonReader } from './ndjson.js';

/**
 * How the bodies of datasets that share their pages are read, `size` records of which are expected in one. Built once
 * for a pull.
 */
export function createReader(datasets: DatasetsOfPages, size: number): ReadBody {
  const [{ request }] = datasets;
  const own = datasets.filter(({ place }) => place !== null);
  const shape: BodyShape = {
    list: { place: request, exact: listExact(datasets.filter(({ place }) => place === null)) },
    others: new Map(
      own.map((dataset) => [dataset.name, { place: dataset.place ?? request, exact: listExact([dataset]) }]),
    ),
    csv: request.csv,
    maxContainers: computeMaxContainers(size, datasets),
    leaves: new Map(datasets.flatMap(({ contract }) => [...contract.leaves])),
  };
  const { format } = request;
  switch (format) {
    case 'json':
      return createJsonReader(shape);
    case 'ndjson':
      return createNdjsonReader(shape);
    case 'csv':
      return createCsvReader(shape);
    default:
      return format satisfies never;
  }
}

function listExact(datasets: readonly DatasetDefinition[]): readonly ExactLeaf[] {
  return datasets.flatMap(({ contract, explode }) =>
    [...contract.leaves.values()]
      .filter((leaf) => (leaf.type.startsWith('DECIMAL') || readsAsText(leaf)) && leaf.many !== 'map')
      .map((leaf) => ({ steps: findInRecord(leaf, explode), hasBooleans: readsAsText(leaf) })),
  );
}

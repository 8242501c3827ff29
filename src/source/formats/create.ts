import { findInRecord } from '../../base/record-steps.js';
import type { Leaf } from '../../base/types/definition.js';
import type { DatasetsOfPages } from '../request-text.js';
import { computeMaxContainers } from '../structure.js';
import { createCsvReader } from './csv.js';
import type { ReadBody } from './format.js';
import { createJsonReader } from './json.js';
import { createNdjsonReader } from './ndjson.js';

/**
 * How the bodies of datasets that share their pages are read, `size` records of which are expected in one. Built once
 * for a pull.
 */
export function createReader(datasets: DatasetsOfPages, size: number): ReadBody {
  const { format, records, keyed, singleAsList, csv } = datasets[0].request;
  const maxContainers = computeMaxContainers(size, datasets);
  const leaves = new Map(datasets.flatMap(({ contract }) => [...contract.leaves]));
  const exact = datasets.flatMap(({ contract, explode }) =>
    [...contract.leaves.values()].filter(isExact).map((leaf) => findInRecord(leaf, explode)),
  );
  const shape = { records, keyed, singleAsList, csv, maxContainers, leaves, exact };
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

function isExact({ type, many }: Leaf): boolean {
  return type.startsWith('DECIMAL') && many !== 'map';
}

import type { DatasetDefinition } from '../../definition/definition.js';
import { computeMaxContainers } from '../structure.js';
import { createCsvReader } from './csv.js';
import type { ReadBody } from './format.js';
import { createJsonReader } from './json.js';
import { createNdjsonReader } from './ndjson.js';

/** How the bodies of a dataset are read, `size` records of which are expected in one. Built once for a pull. */
export function createReader({ request, contract }: DatasetDefinition, size: number): ReadBody {
  const { format, records } = request;
  const maxContainers = computeMaxContainers(size, contract.schema);
  const shape = { records, maxContainers, leaves: contract.leaves };
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

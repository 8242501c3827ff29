import type { DatasetDefinition } from '../../definition/definition.js';
import { pageSize } from '../pagination/create.js';
import { computeMaxContainers } from '../structure.js';
import { createCsvReader } from './csv.js';
import type { ReadBody } from './format.js';
import { createJsonReader } from './json.js';
import { createNdjsonReader } from './ndjson.js';

/** How the bodies of a dataset are read. Built once for a pull. */
export function createReader({ request, contract }: DatasetDefinition): ReadBody {
  const { format, records, pagination } = request;
  const maxContainers = computeMaxContainers(pageSize(pagination), contract.schema);
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

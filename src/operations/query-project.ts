import type { Project } from '../project.js';
import type { QueryResult } from '../warehouse/query-warehouse.js';
import { queryWarehouse } from '../warehouse/query-warehouse.js';
import { openWarehouse } from './report-on.js';

/** One SELECT on the published warehouse. Errors as of `queryWarehouse`, and E_NO_WAREHOUSE, E_NOT_A_DATABASE. */
export async function queryProject(project: Project, sql: string): Promise<QueryResult> {
  const reader = await openWarehouse(project, null);
  try {
    return await queryWarehouse(reader, sql);
  } finally {
    reader.close();
  }
}

import type { Definition } from '../base/types/definition.js';
import type { WarehousePipeline } from './landed-partition.js';

/**
 * Pipelines as the warehouse sees them.
 * @param isToken whether a treatment makes tokens
 */
export function describePipelines(
  definitions: ReadonlyMap<string, Definition>,
  sqlDir: string,
  isToken: (treatment: string) => boolean,
): WarehousePipeline[] {
  return [...definitions.values()].map(({ pipeline, datasets, releases }) => ({
    pipeline,
    sqlDir: `${sqlDir}/${pipeline}`,
    releases,
    datasets: [...datasets.values()].map(({ name, time, landing, primaryKey, checks }) => ({
      name,
      time,
      columns: landing.map(({ name: column, type, class: pii, treatment, rawOnly }) => ({
        name: column,
        type,
        class: pii,
        treatment,
        rawOnly,
      })),
      tokens: landing
        .filter((column) => isToken(column.treatment) && primaryKey.includes(column.name))
        .map((column) => column.name),
      checks,
    })),
  }));
}

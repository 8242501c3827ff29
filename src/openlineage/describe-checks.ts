import type { JsonObject } from '../base/json-values.js';
import type { CheckRule } from '../base/types/dataset-check.js';
import type { CheckResult } from '../base/types/run-record.js';
import type { ProjectLineage } from '../warehouse/lineage/known-columns.js';
import { nameLanded, nameTable, type Places } from './datasets.js';
import type { LineageDataset } from './event.js';

interface Checked {
  readonly dataset: LineageDataset;
  readonly assertions: JsonObject[];
}

/** The datasets and tables that were checked, each with what was found. */
export function listChecked(
  places: Places,
  { checks }: ProjectLineage,
  results: readonly CheckResult[],
): LineageDataset[] {
  const found = new Map<string, Checked>();
  for (const result of results) {
    const read = checks.find(({ name, pipeline }) => name === result.check && pipeline === result.pipeline);
    const names =
      result.dataset === null
        ? (read?.reads ?? []).map((table) => nameTable(places, table))
        : [nameLanded(places, result.dataset)];
    for (const dataset of names) {
      const known: Checked = found.get(keyOf(dataset)) ?? { dataset, assertions: [] };
      known.assertions.push(describeCheck(places, result));
      found.set(keyOf(dataset), known);
    }
  }
  return [...found.values()].map(({ dataset, assertions }) => ({
    ...dataset,
    inputFacets: places.facet('dataQualityAssertions', { assertions }),
  }));
}

/** Counts, and never the tokens of the rows that were found. */
function describeCheck({ datasets }: Places, result: CheckResult): JsonObject {
  const { check, dataset, passed, severity, found, date } = result;
  const rule = datasets.get(dataset ?? '')?.dataset.checks.find(({ name }) => name === check)?.rule;
  const column = rule !== undefined && 'column' in rule ? rule.column : null;
  return {
    assertion: nameAssertion(rule),
    success: passed,
    severity,
    name: check,
    actual: String(found),
    ...(column === null ? {} : { column }),
    ...(date === null ? {} : { params: { date } }),
  };
}

function nameAssertion(rule: CheckRule | undefined): string {
  if (rule === undefined) return 'custom_sql';
  return rule.kind === 'missing' ? 'not_null' : rule.kind;
}

/** Of a dataset, to compare it with others. */
export function keyOf({ namespace, name }: LineageDataset): string {
  return `${namespace} ${name}`;
}

import type { ColumnType, DatasetDefinition, LandingColumn } from './definition.js';
import type { Problems } from './problems.js';

/** Both ends of `references` must be of one kind, or the check could only fail while it runs. */
export function judgeReferenceTypes(datasets: readonly DatasetDefinition[], problems: Problems): void {
  const byName = new Map(datasets.map((dataset) => [dataset.name, dataset]));
  for (const { name, landing, checks } of datasets) {
    for (const [index, { rule }] of checks.entries()) {
      if (rule.kind !== 'references') continue;
      const [own, other] = [
        findColumn(landing, rule.column),
        findColumn(byName.get(rule.dataset)?.landing ?? [], rule.target),
      ];
      if (own === undefined || other === undefined || kindOf(own.type) === kindOf(other.type)) continue;
      problems.add(
        ['datasets', name, 'checks', index, 'to'],
        `${rule.column} is ${own.type}, ${rule.dataset}.${rule.target} is ${other.type}`,
        'name two columns of one type',
      );
    }
  }
}

function findColumn(landing: readonly LandingColumn[], name: string): LandingColumn | undefined {
  return landing.find((column) => column.name === name);
}

/** Numbers of all types compare with each other. */
function kindOf(type: ColumnType): string {
  return type === 'BIGINT' || type === 'DOUBLE' || type.startsWith('DECIMAL') ? 'number' : type;
}

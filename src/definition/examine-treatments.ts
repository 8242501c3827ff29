import type { Treatments } from './complete-landing.js';
import type { Definition } from './definition.js';
import { parsePage } from './document.js';
import { Problems } from './problems.js';

/** Asks the treatments of a page what only an engine can judge. @throws E_DEFINITION with the place in the page */
export async function examineTreatments(
  { datasets, file }: Definition,
  text: string,
  treatments: Treatments,
): Promise<void> {
  for (const dataset of datasets.values()) {
    for (const { name, from, treatment, params, reviewed } of dataset.landing) {
      const objection = await treatments.get(treatment)?.examine?.(from, params, reviewed !== null);
      if (objection === undefined || objection === null) continue;
      const problems = new Problems(parsePage(file, text));
      const { parameter, why } = objection;
      const at = ['datasets', dataset.name, 'landing', name, parameter];
      problems.add(at, `\`${parameter}\` of column ${name}: ${why}`, 'see `sql` in docs/pipelines.md');
      if (problems.first !== null) throw problems.first;
    }
  }
}

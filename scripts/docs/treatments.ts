import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { PLAIN_TYPES } from '../../src/base/types/definition.js';
import type { TreatmentSpec } from '../../src/base/types/treatment-spec.js';
import {
  code,
  listSettings,
  MADE,
  type MadePage,
  makePage,
  makeTable,
  readComment,
  tableOf,
} from './markdown.js';

const HEAD = `# Treatments

What \`treat\` of a landing column may be ([pipelines.md](../pipelines.md#landing) explains landing lists). \`pipeline explain\` shows
what each column of a pipeline still reveals.

- **Lands the value**: \`no\`, \`yes\`, or \`perhaps\`, as an expression may. A value that lands has to be bounded by its contract,
  or the column says \`reviewed: 'why'\`.
- **Singles out**: whether people differ by the column, so that it counts for the share of unique rows.
- **Key**: whether the column may be part of \`primary_key\`. A treatment that gives several values one output is no key.`;

const KEEPS = { always: 'yes', perhaps: 'perhaps', never: 'no' } as const;

/** Every treatment with its settings. */
export async function makeTreatments(): Promise<MadePage> {
  const treatments = [...TREATMENTS.values()];
  const overview = makeTable(
    ['treatment', 'takes', 'lands the value', 'singles out', 'token', 'key'],
    treatments.map((treatment) => [
      `[${code(treatment.name)}](#${treatment.name})`,
      listTypes(treatment),
      KEEPS[treatment.keeps],
      treatment.isBlind ? 'no' : 'yes',
      treatment.isToken ? 'yes' : 'no',
      treatment.neverKey ? 'no' : 'yes',
    ]),
  );
  return await makePage('docs/reference/treatments.md', [HEAD, MADE, overview, ...treatments.map(describe)]);
}

function describe(treatment: TreatmentSpec): string {
  const file = `src/anonymize/treatments/${treatment.name.replaceAll('_', '-')}.ts`;
  const { min, max } = treatment.inputs;
  const leaves = max === 1 ? '' : `\`from\` names ${String(min)} to ${String(max)} leaves.`;
  const parts = [`## ${treatment.name}`, readComment(file, 'export const '), leaves];
  return [...parts, tableOf(listSettings(treatment.params))].filter((part) => part !== '').join('\n\n');
}

const WORDS: Readonly<Record<string, string>> = {
  BIGINT: 'integer',
  'DECIMAL(38,0)': 'bigint',
  DOUBLE: 'number',
  BOOLEAN: 'boolean',
  VARCHAR: 'text',
  DATE: 'date',
  TIME: 'time',
  TIMESTAMPTZ: 'timestamp',
};

function listTypes({ accepts }: TreatmentSpec): string {
  const taken = PLAIN_TYPES.filter((type) => accepts(type));
  const decimal = accepts('DECIMAL(18,2)') ? ['decimal'] : [];
  if (taken.length === PLAIN_TYPES.length) return 'any type';
  return [...taken.map((type) => WORDS[type] ?? type.toLowerCase()), ...decimal].join(', ');
}

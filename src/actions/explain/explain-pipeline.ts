import { compilePolicy } from '../../anonymize/compile-policy.js';
import { type ColumnExplanation, explainPolicy, type PolicyExplanation } from '../../anonymize/explain.js';
import type { Terminal } from '../../base/config/config.js';
import { paint } from '../../base/terminal/paint.js';
import { scrub } from '../../base/text/scrub.js';
import { findDefinition, type Project } from '../../project.js';

/** What `explain --json` prints. */
interface PipelineExplanation {
  readonly pipeline: string;
  readonly description: string;
  readonly file: string;
  readonly datasets: readonly PolicyExplanation[];
}

/** Placeholder for the id of a key that is not set. */
const UNNAMED_KEY = 'key';

/** How each field of a pipeline is treated. Needs neither key nor database. @throws E_UNKNOWN */
export function explainPipeline(project: Project, name: string): PipelineExplanation {
  const { pipeline, description, file, datasets } = findDefinition(project, name);
  const { id } = project.config.key;
  const keyId = id !== null && /^[a-z0-9]{1,16}$/.test(id) ? id : UNNAMED_KEY;
  const explained = [...datasets.values()].map((dataset) =>
    explainPolicy(dataset, compilePolicy(dataset, keyId)),
  );
  return { pipeline, description, file, datasets: explained };
}

/** Every field with its class, treatment and what its column still reveals; dropped fields; caveats; the SQL. */
export function formatExplanation(explanation: PipelineExplanation, terminal: Terminal): string {
  const { pipeline, description, file, datasets } = explanation;
  const head = `${paint(pipeline, 'bold', terminal.color)} (${scrub(file)}): ${scrub(description)}`;
  return [head, ...datasets.map((dataset) => formatDataset(dataset, terminal))].join('\n\n');
}

/** The masking statements, each below the name of its dataset. */
export function formatMaskingSql({ datasets }: PipelineExplanation): string {
  return datasets.map(({ dataset, sql }) => `-- dataset ${dataset}\n${scrubLines(sql)};`).join('\n\n');
}

function formatDataset(dataset: PolicyExplanation, { color }: Terminal): string {
  const { columns, dropped, caveats, sql } = dataset;
  const section = (title: string, lines: readonly string[]): string =>
    [paint(title, 'bold', color), '', ...lines].join('\n');
  const drops = dropped.map(({ path, class: pii }) => `  ${scrub(path)} (${pii})`);
  return [
    section(`Landed columns of ${dataset.dataset}`, columns.flatMap(describeColumn)),
    section('Dropped fields', [...drops, '  and every field that the contract does not list']),
    ...(caveats.length === 0
      ? []
      : [
          section(
            'Caveats',
            caveats.map((caveat) => `  ${scrub(caveat)}`),
          ),
        ]),
    section('Masking SQL', [scrubLines(sql)]),
  ].join('\n\n');
}

const INDENT = ' '.repeat(18);
const PARTS = { first_word: 'the first word', last_word: 'the last word' } as const;

function describeColumn({
  column,
  from,
  each,
  part,
  class: pii,
  treatment,
  params,
  reveals,
  raw_only,
  reviewed,
}: ColumnExplanation) {
  const shown = Object.entries(params)
    .filter(([, value]) => !isEmptyList(value))
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${describe(value)}`);
  const how = shown.length === 0 ? treatment : `${treatment} (${shown.join(', ')})`;
  return [
    `  ${column.padEnd(14)}  ${scrub(how)}`,
    `${INDENT}from ${part === null ? '' : `${PARTS[part]} of `}${each ? 'each element of ' : ''}${scrub(from.join(', '))}, class ${pii}`,
    `${INDENT}reveals ${scrub(reveals)}`,
    ...(raw_only ? [`${INDENT}raw only: gold models and reports that use it must state why`] : []),
    ...(reviewed === null ? [] : [`${INDENT}reviewed: ${scrub(reviewed)}`]),
  ];
}

/** An empty list, such as no providers beside the shipped ones, is not shown. */
function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function describe(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function scrubLines(text: string): string {
  return text.split('\n').map(scrub).join('\n');
}

import { CATALOGUE } from '../../src/base/catalogue.js';
import { MADE, type MadePage, makePage } from './markdown.js';

const EXITS = {
  1: 'a bug in Lakeveil',
  2: 'invalid usage, definition or configuration; nothing was started',
  3: 'the source failed or sent unexpected data; the lake is unchanged',
  4: 'contract or quality',
  5: 'privacy',
  6: 'a problem of the machine; nothing was changed, try again',
  130: 'interrupted',
  143: 'terminated',
} as const;

/** Codes whose text depends on the case, with messages and remedies that commands print. */
export const EXAMPLES: Readonly<Record<string, readonly (readonly [message: string, remedy: string])[]>> = {
  E_USAGE: [
    ['missing required flag --dataset', '`pipeline adopt [FILE]` accepts --dataset, --date, …'],
    ['--from is later than --to', 'swap the two dates'],
    [
      'the folder given with --project has no `pipelines` folder',
      'use the folder that contains `pipelines/` and `sql/`',
    ],
  ],
  E_TAKEN: [
    ['pipelines/orders.yaml already exists', 'choose another name, or move the file'],
    ['my-project is not empty', 'choose a new or empty folder'],
  ],
  E_DEFINITION: [
    ['unknown key `tiemout`', 'did you mean `timeout`? known: base_url, …'],
    ['`city` is missing', 'add `city: …`: a mapping'],
    [
      'home.city is neither landed nor dropped',
      'add a column from home.city to `landing`, or home.city to `drop`',
    ],
  ],
  E_QUERY: [['it calls the table function read_csv', CATALOGUE.E_QUERY[2]]],
  E_MODEL: [
    [
      'report top_countries: it calls the table function read_csv',
      'correct sql/people/reports/top_countries.sql',
    ],
  ],
  E_LINEAGE: [
    [
      'gold.visitors_by_year.birth_year is made of visits.birth_year, which is raw only',
      'take it out, or say `-- exposes: birth_year because WHY` in the head',
    ],
  ],
};

/** One entry of the page, or an entry with examples for a code that has no text of its own. */
function describeCode(code: string, message: string, remedy: string): string {
  const examples = EXAMPLES[code];
  if (examples === undefined) return `- **${code}**: ${message}. Next: ${remedy}.`;
  const lines = examples.map(([what, next]) => `  - ${what}. Next: ${next}.`);
  return [`- **${code}**: the message depends on the case. Examples:`, ...lines].join('\n');
}

/** The page of all errors in the catalogue. */
export async function makeErrors(): Promise<MadePage> {
  const sections = Object.entries(EXITS).map(([exit, meaning]) => {
    const entries = Object.entries(CATALOGUE).filter(([, entry]) => String(entry[0]) === exit);
    const lines = entries.map(([code, [, message, remedy]]) => describeCode(code, message, remedy));
    return `## Exit ${exit}: ${meaning}\n\n${lines.join('\n')}`;
  });
  const head = `# Errors

An error prints what happened, its code, where it happened, what is on disk now, and what to do next. With \`--json\` it is
the document \`{"error":{"code","message","where","remedy","exit"}}\` on stdout. All
problems of a definition are printed at once; \`error.problems\` lists them. An error never contains a value of a record.
Names in braces are replaced when the error is printed.`;
  return await makePage('docs/errors.md', [head, MADE, ...sections]);
}

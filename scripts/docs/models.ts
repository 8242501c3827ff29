import { CHECKS } from '../../src/definition/complete/check-forms.js';
import { MATERIALIZATIONS } from '../../src/warehouse/materializations/known.js';
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

const HEAD = `# Materializations and checks

What \`-- materialize:\` in the head of a model may be, and what \`check\` in \`checks:\` of a dataset may be.
[models.md](../models.md) explains both.`;

/** The files whose constants have the comments; `latest` is the newest date. */
const FILES: Readonly<Record<string, string>> = { latest: 'newest' };

/** Every materialization, and every check of a dataset. */
export async function makeModels(): Promise<MadePage> {
  const materializations = MATERIALIZATIONS.map(({ usage, keys, followsDates, isDated }) => {
    const [word = ''] = usage.split(' ');
    const file = `src/warehouse/materializations/${FILES[word] ?? word}.ts`;
    const more = keys.map((key) => code(`-- ${key}:`)).join(', ');
    return {
      word,
      row: [code(usage), yes(followsDates), yes(isDated), more],
      text: readComment(file, 'export const '),
    };
  });
  const overview = makeTable(
    ['materialize', 'built date by date', 'rows have a date', 'further lines'],
    materializations.map(({ row }) => row),
    true,
  );
  const texts = materializations.map(({ word, text }) => `- ${code(word)}: ${text}`).join('\n');
  const checks = CHECKS.unwrap().element.options.map((form) =>
    [`### ${form.shape.check.value}`, tableOf(listSettings(form, ['check']))].join('\n\n'),
  );
  const parts = [HEAD, MADE, '## Materializations', overview, texts, '## Checks of a dataset', ...checks];
  return await makePage('docs/reference/models.md', parts);
}

function yes(fact: boolean): string {
  return fact ? 'yes' : 'no';
}

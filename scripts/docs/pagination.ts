import { PAGINATION_FORM } from '../../src/base/pagination/registry.js';
import { listSettings, MADE, type MadePage, makePage, readComment, tableOf } from './markdown.js';

const HEAD = `# Types of pagination

What \`type\` of \`pagination\` may be. [sources.md](../sources.md) shows which one an API needs, and how Lakeveil proves that a pull
is complete.`;

/** Every type of pagination with its settings. */
export async function makePagination(): Promise<MadePage> {
  const sections = PAGINATION_FORM.options.map((form) => {
    const { value: type } = form.shape.type;
    const comment = readComment(`src/base/pagination/${type}.ts`, 'export class ');
    const table = tableOf(listSettings(form, ['type']));
    return [`## ${type}`, comment, table].filter((part) => part !== '').join('\n\n');
  });
  return await makePage('docs/reference/pagination.md', [HEAD, MADE, ...sections]);
}

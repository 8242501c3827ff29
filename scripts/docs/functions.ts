import { readFileSync } from 'node:fs';
import { FUNCTIONS, listNames } from '../../src/warehouse/sql/functions.js';
import { type MadePage, makePage, ROOT } from './markdown.js';

const FILE = 'docs/functions.md';
const WIDTH = 100;

/** The functions that SQL may call, under the page's own introduction. */
export async function makeFunctions(): Promise<MadePage> {
  const [head = ''] = readFileSync(new URL(FILE, ROOT), 'utf8').split('\n## ');
  const groups = Object.entries(FUNCTIONS).map(
    ([name, group]) => `## ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}\n\n${listCode(group)}\n`,
  );
  return await makePage(FILE, [head, ...groups]);
}

function listCode(group: string): string {
  return `\`\`\`text\n${wrap(listNames(group))}\n\`\`\``;
}

function wrap(names: readonly string[]): string {
  const lines: string[] = [''];
  for (const name of names) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + name.length > WIDTH) lines.push(name);
    else lines[lines.length - 1] = line === '' ? name : `${line} ${name}`;
  }
  return lines.join('\n');
}

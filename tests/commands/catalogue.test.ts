import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { CATALOGUE } from '../../src/base/catalogue.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const EXITS = {
  1: 'a defect of ours',
  2: 'usage, definition or configuration is wrong; nothing was started',
  3: 'the source failed, or gave what is not what it promised; the lake is as it was',
  4: 'contract or quality',
  5: 'privacy',
  6: 'the machine is in the way; nothing changed, try again',
  130: 'interrupted',
  143: 'terminated',
} as const;

/** The page of all errors, as the catalogue has them. */
async function writePage(): Promise<string> {
  const sections = Object.entries(EXITS).map(([exit, meaning]) => {
    const entries = Object.entries(CATALOGUE).filter(([, entry]) => String(entry[0]) === exit);
    const lines = entries.map(([code, [, message, remedy]]) => `- **${code}**: ${message}. Next: ${remedy}.`);
    return `## Exit ${exit}: ${meaning}\n\n${lines.join('\n')}`;
  });
  const head = `# Errors

An error says what happened, its code, where, what is on disk now, and what to type next. With \`--json\` it is
\`{"error":{"code","message","where","remedy","exit"}}\` on stdout. It never holds a value of a record. Names in braces are
filled in.`;
  const page = [head, ...sections].join('\n\n');
  return await format(page, { parser: 'markdown', printWidth: 110, singleQuote: true });
}

it('docs/errors.md documents every code of the catalogue, and no other (`npx vitest -u` writes it)', async () => {
  await expect(await writePage()).toMatchFileSnapshot('../../docs/errors.md');
});

it('every code is used: the page documents no dead one', () => {
  const sources = ['src', 'commands', 'fake-api'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'catalogue.ts')
      .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
  );
  const text = sources.join('\n');
  expect(Object.keys(CATALOGUE).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../commands/index.js';

it('the command surface is as checked in: ids, arguments and flags', async () => {
  const lines = Object.entries(COMMANDS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, command]) => {
      const args = Object.keys(command.args).map((name) => `[${name}]`);
      const flags = Object.keys({ ...command.baseFlags, ...command.flags }).sort();
      return [id, ...args, ...flags.map((flag) => `--${flag}`)].join(' ');
    });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./surface.txt');
});

it('docs/commands.md has a section for every command, and names every flag of it', () => {
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
  const [head = '', ...sections] = page.split(/^## /m);
  const texts = new Map(sections.map((text) => [text.split('\n', 1)[0], text]));
  expect([...texts.keys()].sort()).toEqual(Object.keys(COMMANDS).sort());
  const missing = Object.entries(COMMANDS).flatMap(([id, command]) =>
    Object.keys({ ...command.flags })
      .filter((flag) => !`${head}${texts.get(id) ?? ''}`.includes(`--${flag}`))
      .map((flag) => `${id} --${flag}`),
  );
  expect(missing).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { COMMANDS } from '../../commands/index.js';
import { BaseCommand } from '../../commands/cli/base.js';
import { code, type MadePage, makePage, makeTable, ROOT } from './markdown.js';

const FILE = 'docs/commands.md';
const MARK = '<!-- The rest of this section is made from the code by `npm run docs`. -->';

/** What the page needs of a flag of oclif. */
interface Flag {
  readonly type: string;
  readonly summary?: string | undefined;
  readonly description?: string | undefined;
  readonly helpValue?: string | readonly string[] | undefined;
  readonly required?: boolean | undefined;
  readonly multiple?: boolean | undefined;
  readonly default?: unknown;
  readonly exclusive?: readonly unknown[] | undefined;
}

interface Arg {
  readonly description?: string | undefined;
  readonly required?: boolean | undefined;
}

/** The page of all commands: its own words, and under them usage and flags of each command. */
export async function makeCommands(): Promise<MadePage> {
  const [head = '', ...sections] = readFileSync(new URL(FILE, ROOT), 'utf8').split(/^(?=## )/m);
  const parts = sections.map((section) => {
    const [, id = ''] = /^## (.+)$/m.exec(section) ?? [];
    const command = COMMANDS[id];
    if (command === undefined) return section;
    return [stripMade(section), MARK, describe(id, command.args, { ...command.flags })].join('\n\n');
  });
  return await makePage(FILE, [stripMade(head), MARK, listFlags(BaseCommand.baseFlags), ...parts]);
}

function stripMade(section: string): string {
  return (section.split(MARK)[0] ?? '').trim();
}

function describe(
  id: string,
  args: Readonly<Record<string, Arg>>,
  flags: Readonly<Record<string, Flag>>,
): string {
  const words = Object.entries(args).map(([name, { required }]) =>
    required === true ? name.toUpperCase() : `[${name.toUpperCase()}]`,
  );
  const needed = Object.entries(flags)
    .filter(([, flag]) => flag.required === true)
    .map(([name, flag]) => `--${name} ${valueOf(name, flag)}`.trim());
  const usage = ['pipeline', id, ...words, ...needed, '[FLAGS]'].join(' ');
  const list = Object.entries(args).map(
    ([name, { description = '' }]) => `- ${code(name.toUpperCase())}: ${description}`,
  );
  return [`Usage: ${code(usage)}`, list.join('\n'), listFlags(flags)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function listFlags(flags: Readonly<Record<string, Flag>>): string {
  if (Object.keys(flags).length === 0) return '';
  const rows = Object.entries(flags).map(([name, flag]) => [
    code(`--${name} ${valueOf(name, flag)}`.trim()),
    typeof flag.default === 'string' || typeof flag.default === 'number' ? code(String(flag.default)) : '',
    `${(flag.summary ?? flag.description ?? '').replace(/\.$/, '')}${describeLimits(flag)}`,
  ]);
  return makeTable(['flag', 'default', 'description'], rows);
}

function valueOf(name: string, { type, helpValue }: Flag): string {
  if (type === 'boolean') return '';
  if (helpValue === undefined) return name.toUpperCase();
  return typeof helpValue === 'string' ? helpValue : helpValue.join('|');
}

function describeLimits({ required, multiple, exclusive = [], summary = '' }: Flag): string {
  const others = exclusive.filter((other): other is string => typeof other === 'string');
  return [
    required === true ? '; required' : '',
    multiple === true && !summary.includes('repeat') ? '; repeatable' : '',
    others.length === 0 ? '' : `; not with ${others.map((other) => code(`--${other}`)).join(', ')}`,
  ].join('');
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../commands/index.js';
import { BaseCommand } from '../../commands/cli/base.js';
import { resolveVerb } from '../../commands/cli/verbs.js';
import { SETUPS } from './page-setups.js';
import { type Block, listBlocks, PAGES, readPage, ROOT } from './pages.js';
import { fits, runPage } from './run-page.js';

const BLOCKS = PAGES.flatMap(listBlocks);
const LANGUAGES = ['sh', 'crontab', 'dotenv', 'text', 'yaml', 'json', 'sql', 'http', 'csv'];

/** Blocks that change a whole machine. Everything else is run by a test. */
const NOT_RUN = ['npm ci && npm run build && npm pack', 'sudo systemd-run --pipe --wait'];

const nameOf = ({ file, line }: Block): string => `${file}:${String(line)}`;
const isShell = ({ info }: Block): boolean => /^(?:sh|crontab)\b/.test(info);

/** Commands of a block, without comments, with continued lines as one. */
function listCommands({ text }: Block): string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s+)# .*$/, '').trim())
    .filter((line) => line !== '');
}

/** Words of a command, one of which a test that runs it has too: its verb, or its program and names. */
function listWords(command: string): string[] {
  const [, verb] = /\bpipeline ([a-z-]+)/.exec(command) ?? [];
  if (verb !== undefined) return [`'${verb}'`, `'${verb} `];
  return command.split(/[\s/=()"]+/).filter((word) => /^[a-z][a-z_-]{2,}$/.test(word));
}

/** `pipeline` command lines: of blocks, and between backticks. */
function listPipelines(text: string): string[] {
  const inline = [...text.matchAll(/`pipeline ([^`]+)`/g)].map(([, line = '']) => line);
  const lines = [...text.matchAll(/^.*?\bpipeline ([a-z][^\n|>]*)$/gm)].flatMap(([whole, line = '']) =>
    /^(?:\s*|.*(?:&& |lakeveil |=\S+ ))pipeline /.test(whole) && !whole.includes('`') ? [line] : [],
  );
  return [...inline, ...lines].map((line) => line.replace(/\s+# .*$/, ''));
}

/** Why the command line would not accept it, or null. */
function findFlaw(line: string): string | null {
  const [verb = '', ...words] = line.trim().split(/\s+/);
  if (!/^[a-z]/.test(verb)) return null;
  const command = COMMANDS[resolveVerb(verb)];
  if (command === undefined) return `${verb} is no command`;
  const known = Object.keys({ ...BaseCommand.baseFlags, ...command.flags, help: true });
  const flags = words.flatMap((word) => /^\[?--([a-z-]+)/.exec(word)?.[1] ?? []);
  const unknown = flags.filter((flag) => !known.includes(flag));
  return unknown.length === 0 ? null : `${verb} has no --${unknown.join(', --')}`;
}

describe('fenced blocks', () => {
  it('say what they hold: `sh` for commands, `text` for output, or a language', () => {
    const wrong = BLOCKS.filter(({ info }) => !LANGUAGES.includes(info.split(' ')[0] ?? ''));
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it('with commands are `sh`', () => {
    const hidden = BLOCKS.filter(
      (block) =>
        !isShell(block) &&
        block.info !== 'text output' &&
        /^\s*(?:\$ )?(?:pipeline|npx|npm|sudo) /m.test(block.text),
    );
    expect(hidden.map(nameOf)).toEqual([]);
  });

  it('of commands are run: by the test of the page, or by the test that the comment above names', () => {
    const left = BLOCKS.filter((block) => isShell(block) && block.marker === null && !SETUPS.has(block.file));
    expect(left.map(nameOf)).toEqual([]);
  });

  it.each(
    BLOCKS.filter(({ marker }) => marker?.kind === 'run by').map((block) => [nameOf(block), block] as const),
  )('%s is in the test that it names', (_, block) => {
    const files = block.marker?.kind === 'run by' ? block.marker.files : [];
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    const tests = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
    const missing = listCommands(block).filter((command) => {
      const words = listWords(command);
      return !/^(?:export |[A-Z_]+=\S+$)/.test(command) && !words.some((word) => tests.includes(word));
    });
    expect(missing).toEqual([]);
  });

  it('that no test runs are few, and say why', () => {
    const blocks = BLOCKS.flatMap(({ marker, text }) =>
      marker?.kind === 'not run' ? [{ ...marker, text }] : [],
    );
    expect(blocks.map(({ text }) => NOT_RUN.find((start) => text.startsWith(start)))).toEqual(NOT_RUN);
    for (const { why } of blocks) expect(why.length).toBeGreaterThan(20);
  });
});

describe('commands', () => {
  it.each(PAGES.map(({ file }) => file))('of %s have verbs and flags that exist', (file) => {
    const flaws = listPipelines(readPage(file).text).flatMap((line) => {
      const flaw = findFlaw(line);
      return flaw === null ? [] : [`pipeline ${line}: ${flaw}`];
    });
    expect(flaws).toEqual([]);
  });

  it('with a verb or a flag that is not there are found', () => {
    expect(listPipelines('```\n0 6 * * * lakeveil pipeline load --to x\n```\n`pipeline runn`')).toEqual([
      'runn',
      'load --to x',
    ]);
    expect(findFlaw('runn persons')).toBe('runn is no command');
    expect(findFlaw('run --dat 2026-11-20')).toBe('run has no --dat');
    expect(findFlaw('fetch-data persons --date 2026-11-20 --json')).toBeNull();
  });
});

describe('output that a page shows', () => {
  it('fits if it is the same but for times, sizes and `…`', () => {
    expect(fits('done in 1.9 s\n…\nlast\n', 'done in 12 s\na\nb\nlast\n')).toBe(true);
    expect(fits('a … c', 'a b c')).toBe(true);
    expect(fits('first\n…', 'first\nsecond\nthird')).toBe(true);
    expect(fits('1,229', '1,230')).toBe(false);
    expect(fits('a\n…\nc', 'a\nb')).toBe(false);
  });
});

describe('a page that is run', () => {
  it('lists commands that fail, and has the real output where it shows another', async () => {
    const text = ['```sh\nworks 8080\n```', '```text output\nold\n```', '```sh\nfails\n```'].join('\n\n');
    const started: string[] = [];
    const shell = {
      outside: '',
      run: (command: string) => {
        started.push(command);
        return Promise.resolve({ code: command.startsWith('fails') ? 2 : 0, stdout: 'port 9\n', stderr: '' });
      },
      start: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const ended = await runPage({ file: 'x.md', text }, shell, new Map([['8080', '9']]));
    expect(started).toEqual(['works 9\n', 'fails\n']);
    expect(ended.failed).toMatchObject([{ code: 2, line: 9, text: 'fails\n' }]);
    expect(ended.text).toBe(text.replace('old', 'port 8080'));
  });
});

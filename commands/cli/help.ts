import { readPackage } from '../../src/base/files/package-dir.js';
import { SUMMARIES } from './summaries.js';

const MIN_WIDTH = 40;
const MAX_WIDTH = 100;

/** The list of all commands, without loading one. @param columns of the terminal; undefined for a pipe or a file */
export function formatHelp(columns: number | undefined): string {
  const { name, version, description } = readPackage();
  const width = Math.max(MIN_WIDTH, Math.min(columns ?? 80, MAX_WIDTH));
  const names = Object.entries(SUMMARIES).sort(([a], [b]) => (a < b ? -1 : 1));
  const indent = Math.max(...names.map(([verb]) => verb.length)) + 4;
  const commands = names.map(([verb, summary]) => {
    const [first, ...others] = wrap(summary, width - indent);
    return [`  ${verb}`.padEnd(indent) + (first ?? ''), ...others.map((line) => ' '.repeat(indent) + line)];
  });
  return [
    ...wrap(description, width),
    '',
    'VERSION',
    `  ${name}/${version} ${process.platform}-${process.arch} node-${process.version}`,
    '',
    'USAGE',
    '  $ pipeline COMMAND',
    '  $ pipeline COMMAND --help',
    '',
    'COMMANDS',
    ...commands.flat(),
  ].join('\n');
}

/** Lines of at most `width` characters, broken at blanks. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

import { toLakeveilError } from '../../src/base/defect.js';
import { failure, type LakeveilError } from '../../src/base/errors.js';
import { readPackage } from '../../src/base/files/package-dir.js';
import { reportError, wantsJson } from './report-error.js';
import { isVerb, resolveVerb, VERBS } from './verbs.js';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Runs the command line and returns the exit code; errors have been printed.
 * @param argv without node and script
 */
export async function launch(argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(spellOut(argv));
  } catch (thrown) {
    const error = toLakeveilError(thrown);
    reportError(error, wantsJson(argv), false);
    return error.exit;
  }
}

/** Accepts `pipeline help run` and `-h`; oclif supports only `--help`. */
function spellOut(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  if (first === 'help') return [...rest, '--help'];
  return argv.map((arg) => (arg === '-h' ? '--help' : arg));
}

async function dispatch(argv: string[]): Promise<number> {
  const [word, ...rest] = argv;
  if (word === '--version') return printVersion();
  if (word === undefined || word === '--help') return await printHelp();
  const first = resolveVerb(word);
  if (isVerb(first) && argv.includes('--help')) {
    const { showHelp } = await import('./run-verb.js');
    return await showHelp([first, ...rest]);
  }
  if (!isVerb(first)) throw unknownCommand(first);
  const { runVerb } = await import('./run-verb.js');
  return await runVerb(first, rest);
}

async function printHelp(): Promise<number> {
  const { formatHelp } = await import('./help.js');
  process.stdout.write(`${formatHelp(process.stdout.columns)}\n`);
  return 0;
}

function printVersion(): number {
  const { name, version } = readPackage();
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
  return 0;
}

function unknownCommand(word: string): LakeveilError {
  const hint = `choose one of: ${Object.keys(VERBS).join(', ')}; see \`pipeline --help\``;
  if (word.startsWith('-'))
    return failure('E_USAGE', { what: 'the command must come before its flags', hint });
  const what = NAME.test(word) ? `unknown command \`${word}\`` : 'unknown command';
  return failure('E_USAGE', { what, hint });
}

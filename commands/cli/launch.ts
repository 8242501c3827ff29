import { toLakeveilError } from '../../src/base/defect.js';
import { failure, type LakeveilError } from '../../src/base/errors.js';
import { readPackage } from '../../src/base/files/package-dir.js';
import { reportError, wantsJson } from './report-error.js';
import { isVerb, VERBS } from './verbs.js';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Runs the command line and gives the exit code; whatever goes wrong has been printed.
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

/** `pipeline help run` and `-h` are what people type; oclif knows `--help` alone. */
function spellOut(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  if (first === 'help') return [...rest, '--help'];
  return argv.map((arg) => (arg === '-h' ? '--help' : arg));
}

async function dispatch(argv: string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === '--version') return printVersion();
  const wantsHelp = first === undefined || first === '--help' || argv.includes('--help');
  if (wantsHelp && (first === undefined || first === '--help' || isVerb(first))) {
    const { showHelp } = await import('./run-verb.js');
    return await showHelp(argv);
  }
  if (!isVerb(first)) throw unknownCommand(first);
  const { runVerb } = await import('./run-verb.js');
  return await runVerb(first, rest);
}

function printVersion(): number {
  const { name, version } = readPackage();
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
  return 0;
}

function unknownCommand(word: string): LakeveilError {
  const hint = `there is: ${Object.keys(VERBS).join(', ')}; see \`pipeline --help\``;
  if (word.startsWith('-'))
    return failure('E_USAGE', { what: 'a command comes first, then its flags', hint });
  const what = NAME.test(word) ? `there is no command \`${word}\`` : 'there is no such command';
  return failure('E_USAGE', { what, hint });
}

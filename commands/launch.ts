import { CLIError, ExitError } from '@oclif/core/errors';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { findPackageDir } from '../src/config.js';
import { failure, type LakeveilError } from '../src/errors.js';
import { toLakeveilError } from '../src/output/defect.js';
import { COMMANDS } from './index.js';
import { reportError, wantsJson } from './report-error.js';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Runs the command line and gives the exit code; whatever goes wrong has been printed.
 * @param argv without node and script
 */
export async function launch(argv: readonly string[]): Promise<number> {
  // Nothing but what was built is ever loaded.
  settings.enableAutoTranspile = false;
  try {
    const args = spellOut(argv);
    refuseUnknownVerb(args);
    await run(args, { root: findPackageDir() });
    return 0;
  } catch (thrown) {
    if (thrown instanceof ExitError) return thrown.oclif.exit ?? 0;
    const error =
      thrown instanceof CLIError ? noVerb('the command line is not understood') : toLakeveilError(thrown);
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

function refuseUnknownVerb(argv: readonly string[]): void {
  const [first] = argv;
  if (first === undefined || first === '--version' || argv.includes('--help')) return;
  if (Object.hasOwn(COMMANDS, first)) return;
  if (first.startsWith('-')) throw noVerb('a command comes first, then its flags');
  throw noVerb(NAME.test(first) ? `there is no command \`${first}\`` : 'there is no such command');
}

function noVerb(what: string): LakeveilError {
  return failure('E_USAGE', {
    what,
    hint: `there is: ${Object.keys(COMMANDS).join(', ')}; see \`pipeline --help\``,
  });
}

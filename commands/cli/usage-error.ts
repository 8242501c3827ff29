import { CLIError } from '@oclif/core/errors';
import { failure, type LakeveilError } from '../../src/base/errors.js';

/** What a command takes, to be told when it got something else. */
interface Accepted {
  /** The verb as typed, such as `run`. */
  readonly command: string;
  readonly flags: readonly string[];
  readonly args: readonly string[];
}

const FLAG = /^--?[a-zA-Z][a-zA-Z0-9-]{0,39}$/;

/**
 * An error that oclif found in the command line, told in our words: names of flags, never what was typed for a value,
 * since that may be a URL with a password or an address in a query.
 */
export function toUsageError(error: Error, accepted: Accepted): LakeveilError {
  return failure('E_USAGE', { what: describe(error, accepted), hint: listAccepted(accepted) });
}

function describe(error: Error, accepted: Accepted): string {
  if ('flags' in error && Array.isArray(error.flags)) {
    return `unknown flag ${error.flags.map(nameFlag).join(', ')}`;
  }
  if (/^Unexpected argument/.test(error.message))
    return `there are more arguments than \`${accepted.command}\` takes`;
  if (/^Missing \d+ required arg/.test(error.message)) return 'an argument is missing';
  const named = listKnownFlags(error.message, accepted);
  if (/expects (?:a value|one of these values)/.test(error.message)) return `${named} needs a value`;
  if (/can only be specified once/.test(error.message)) return `${named} is given twice`;
  if (/cannot also be provided|Only the following/.test(error.message)) return `${named} do not go together`;
  if (/must be provided when using/.test(error.message)) return `${named} go together only`;
  const [, missing = ''] = /Missing required flag (\S+)/.exec(error.message) ?? [];
  if (accepted.flags.includes(missing)) return `--${missing} is missing`;
  return 'the command line is not understood';
}

/** A flag is shown if it can be a flag: `--tokne=abc` is shown without what follows the sign. */
function nameFlag(flag: unknown): string {
  const [name = ''] = String(flag).split('=', 1);
  return FLAG.test(name) ? name : '(not shown)';
}

function listKnownFlags(text: string, accepted: Accepted): string {
  const known = accepted.flags.filter((flag) => new RegExp(`--${flag}(?![a-z0-9-])`).test(text));
  return known.length === 0 ? 'a flag' : known.map((flag) => `--${flag}`).join(', ');
}

function listAccepted({ command, flags, args }: Accepted): string {
  const shape = ['pipeline', command, ...args.map((arg) => `[${arg.toUpperCase()}]`)].join(' ');
  return `\`${shape}\` takes ${flags.map((flag) => `--${flag}`).join(', ')}; see \`pipeline ${command} --help\``;
}

/**
 * Carries an error of the catalogue through oclif's parser, which writes over the message of whatever a flag's
 * `parse` throws.
 */
export class UsageError extends CLIError {
  readonly told: LakeveilError;

  constructor(told: LakeveilError) {
    super(told.message, { exit: told.exit });
    this.told = told;
  }
}

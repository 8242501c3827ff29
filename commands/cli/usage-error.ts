import { CLIError } from '@oclif/core/errors';
import { failure, type LakeveilError } from '../../src/base/errors.js';

/** What a command accepts; listed when it gets anything else. */
interface Accepted {
  /** The command as typed, such as `run`. */
  readonly command: string;
  readonly flags: readonly string[];
  readonly args: readonly string[];
}

const FLAG = /^--?[a-zA-Z][a-zA-Z0-9-]{0,39}$/;

/**
 * Converts a usage error of oclif to one of ours. It names flags and never repeats a value, which may be a URL with a
 * password or an email address in its query.
 */
export function toUsageError(error: Error, accepted: Accepted): LakeveilError {
  return failure('E_USAGE', { what: describe(error, accepted), hint: listAccepted(accepted) });
}

function describe(error: Error, accepted: Accepted): string {
  if ('flags' in error && Array.isArray(error.flags)) {
    return `unknown flag ${error.flags.map(nameFlag).join(', ')}`;
  }
  if (/^Unexpected argument/.test(error.message)) return `too many arguments for \`${accepted.command}\``;
  if (/^Missing \d+ required arg/.test(error.message)) return 'missing argument';
  const named = listKnownFlags(error.message, accepted);
  if (/expects (?:a value|one of these values)/.test(error.message)) return `${named} requires a value`;
  if (/can only be specified once/.test(error.message)) return `${named} is specified more than once`;
  if (/cannot also be provided|Only the following/.test(error.message))
    return `${named} cannot be used together`;
  if (/must be provided when using/.test(error.message)) return `${named} must be used together`;
  const [, missing = ''] = /Missing required flag (\S+)/.exec(error.message) ?? [];
  if (accepted.flags.includes(missing)) return `missing required flag --${missing}`;
  return 'invalid command line';
}

/** Shows only the name of a flag: `--tokne=abc` is shown without its value. */
function nameFlag(flag: unknown): string {
  const [name = ''] = String(flag).split('=', 1);
  return FLAG.test(name) ? name : '(hidden)';
}

function listKnownFlags(text: string, accepted: Accepted): string {
  const known = accepted.flags.filter((flag) => new RegExp(`--${flag}(?![a-z0-9-])`).test(text));
  return known.length === 0 ? 'a flag' : known.map((flag) => `--${flag}`).join(', ');
}

function listAccepted({ command, flags, args }: Accepted): string {
  const shape = ['pipeline', command, ...args.map((arg) => `[${arg.toUpperCase()}]`)].join(' ');
  return `\`${shape}\` accepts ${flags.map((flag) => `--${flag}`).join(', ')}; see \`pipeline ${command} --help\``;
}

/**
 * Carries an error of the catalogue through oclif's parser, which overwrites the message of any error that a flag's
 * `parse` throws.
 */
export class UsageError extends CLIError {
  readonly failure: LakeveilError;

  constructor(error: LakeveilError) {
    super(error.message, { exit: error.exit });
    this.failure = error;
  }
}

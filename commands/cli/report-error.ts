import type { LakeveilError } from '../../src/base/errors.js';
import { formatError, toErrorDocument } from '../../src/base/terminal/print-error.js';
import { formatJson } from '../../src/base/text/json.js';

/** Prints an error: a JSON document on stdout for programs, text on stderr for people. */
export function reportError(error: LakeveilError, json: boolean, color: boolean): void {
  if (json) process.stdout.write(`${formatJson(toErrorDocument(error))}\n`);
  else process.stderr.write(`${formatError(error, color)}\n`);
}

/** True if the command line has `--json`, even if it cannot be parsed. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

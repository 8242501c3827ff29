import type { LakeveilError } from '../../src/base/errors.js';
import { formatError, toErrorDocument } from '../../src/base/terminal/print-error.js';
import { formatJson } from '../../src/base/text/json.js';

/** Prints an error where its reader looks: a document on stdout for a program, text on stderr for a person. */
export function reportError(error: LakeveilError, json: boolean, color: boolean): void {
  if (json) process.stdout.write(`${formatJson(toErrorDocument(error))}\n`);
  else process.stderr.write(`${formatError(error, color)}\n`);
}

/** True if the command line asks for JSON, even one that cannot be parsed. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

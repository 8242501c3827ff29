import { ExitError } from '@oclif/core/errors';
import type { PJSON } from '@oclif/core/interfaces';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { findPackageDir, readPackage } from '../../src/base/files/package-dir.js';
import { type Verb, VERBS } from './verbs.js';

/**
 * Runs one command and returns its exit code; the command has printed its errors. It bypasses oclif's `run`, which treats
 * the words after a command as part of its name and loads every other command first.
 */
export async function runVerb(verb: Verb, argv: string[]): Promise<number> {
  settings.enableAutoTranspile = false;
  const { default: Command } = await VERBS[verb]();
  Command.id = verb;
  try {
    await Command.run(argv, { root: findPackageDir(), pjson: describePackage() });
    return 0;
  } catch (thrown) {
    if (thrown instanceof ExitError) return thrown.oclif.exit ?? 0;
    throw thrown;
  }
}

/** package.json without the list of commands. */
function describePackage(): PJSON {
  return { ...readPackage(), oclif: { bin: 'pipeline', dirname: 'lakeveil', topicSeparator: ' ' } };
}

/** Prints the help of one command and returns the exit code. */
export async function showHelp(argv: string[]): Promise<number> {
  // Load only built files.
  settings.enableAutoTranspile = false;
  await run(argv, { root: findPackageDir() });
  return 0;
}

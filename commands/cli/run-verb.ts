import { ExitError } from '@oclif/core/errors';
import type { PJSON } from '@oclif/core/interfaces';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { findPackageDir, readPackage } from '../../src/base/files/package-dir.js';
import { type Verb, VERBS } from './verbs.js';

/**
 * Runs one verb and gives its exit code; errors have been printed by the verb. Not by way of oclif's `run`, which
 * takes the words after a verb for a longer name of a verb, and loads every other verb first.
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

/** As package.json, but without the list of verbs. */
function describePackage(): PJSON {
  return { ...readPackage(), oclif: { bin: 'pipeline', dirname: 'lakeveil', topicSeparator: ' ' } };
}

/** Prints the help of a verb, or of all, and gives the exit code. */
export async function showHelp(argv: string[]): Promise<number> {
  // Nothing but what was built is ever loaded.
  settings.enableAutoTranspile = false;
  await run(argv, { root: findPackageDir() });
  return 0;
}

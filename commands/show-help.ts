import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { findPackageDir } from '../src/package-dir.js';

/** Prints the help of a verb, or of all, and gives the exit code. */
export async function showHelp(argv: string[]): Promise<number> {
  // Nothing but what was built is ever loaded.
  settings.enableAutoTranspile = false;
  await run(argv, { root: findPackageDir() });
  return 0;
}

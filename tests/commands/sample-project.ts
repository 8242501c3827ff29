import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Captured, runCaptured } from './capture-output.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A project of its own in a temporary folder, and the command line in it. */
export interface SampleProject {
  readonly dir: string;
  /** Runs a verb; the words of the command line, without `--project`. */
  readonly run: (...argv: string[]) => Promise<Captured>;
  /** Runs a verb with `--json --quiet`, and gives the document. Fails if there is not exactly one on stdout. */
  readonly ask: (...argv: string[]) => Promise<{ readonly exit: number; readonly document: unknown }>;
  readonly remove: () => void;
}

/**
 * Copies the shipped persons pipeline, or another project whole, and keeps the local key out of the home of whoever
 * runs the tests.
 */
export function makeSampleProject(original?: SampleProject): SampleProject {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-commands-')));
  const from = original?.dir ?? ROOT;
  const parts = original === undefined ? ['pipelines/persons.yaml', 'sql/persons'] : ['.'];
  for (const part of parts) cpSync(join(from, part), join(dir, part), { recursive: true });
  process.env['XDG_CONFIG_HOME'] = join(dir, 'config');
  const run = (...argv: string[]): Promise<Captured> => runCaptured([...argv, '--project', dir]);
  return {
    dir,
    run,
    ask: async (...argv) => {
      const { exit, stdout } = await run(...argv, '--json', '--quiet');
      return { exit, document: JSON.parse(stdout) as unknown };
    },
    remove: () => {
      Reflect.deleteProperty(process.env, 'XDG_CONFIG_HOME');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

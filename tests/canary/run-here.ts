import { vi } from 'vitest';
import { type Captured, runCaptured } from '../commands/capture-output.js';
import { baseEnvironment, type Environment, type Sandbox } from '../support/cli.js';

/** A command line of a sandbox in this process: a fifth of the time of one in its own. One at a time. */
export async function runHere(
  { root, project }: Pick<Sandbox, 'root' | 'project'>,
  args: readonly string[],
  environment: Environment = {},
): Promise<Captured> {
  for (const [name, value] of Object.entries({ ...baseEnvironment(root), ...environment })) {
    vi.stubEnv(name, value);
  }
  try {
    return await runCaptured([...args, '--project', project]);
  } finally {
    vi.unstubAllEnvs();
  }
}

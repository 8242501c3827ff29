import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Cruised {
  readonly summary: { readonly violations: readonly { from: string; to: string; rule: { name: string } }[] };
}

/** Violations of the checked-in rules in a project folder, one a line. */
export function cruise(folder: string): string[] {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, '--config', '--output-type', 'json', 'src', 'commands', 'fake-api'];
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  const { summary } = JSON.parse(stdout) as Cruised;
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${nameModule(to)}`).sort();
}

/** `../node_modules/vitest/dist/index.d.ts` → `vitest` */
function nameModule(path: string): string {
  return path.replace(/^.*node_modules\/([^/]+)\/.*$/, '$1');
}

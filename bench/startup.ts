import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type Figure, known } from './figures.js';
import { BIN, copyProject, measure, measureMedian } from './measure.js';

const ROUNDS = 7;
/** CPU time of each command, as a multiple of a bare start of Node. */
const TIMES_NODE: Readonly<Record<string, number>> = {
  '--version': 2.5,
  '--help': 2.5,
  status: 10,
  runs: 10,
  'explain persons': 10,
  doctor: 15,
};
const LOAD_MS = 100;

/** How much a command costs before it does anything, in a project with the five shipped pipelines, an empty
 * lake and its tables. */
export async function measureStartup(): Promise<Figure[]> {
  const project = await mkdtemp(join(tmpdir(), 'lakeveil-bench-'));
  try {
    await copyProject(project, ['pipelines', 'sql']);
    await measure([process.execPath, BIN, 'init-db', '--quiet', '--project', project]);
    const node = await measureMedian(ROUNDS, [process.execPath, '-e', '0']);
    const figures = [known('node -e 0, CPU, the unit of what follows', node.cpuMs, 'ms', node)];
    for (const [line, target] of Object.entries(TIMES_NODE)) {
      const flags = line.startsWith('--') ? [] : ['--project', project];
      const run = await measureMedian(ROUNDS, [process.execPath, BIN, ...line.split(' '), ...flags]);
      figures.push(atMost(`pipeline ${line}`, run.cpuMs / node.cpuMs, target, '× node', run));
    }
    const script = join(import.meta.dirname, 'load-project.ts');
    const loaded = await measureMedian(ROUNDS, [process.execPath, '--import', 'tsx', script, project]);
    return [...figures, atMost('load five pipelines, CPU', Number(loaded.stdout), LOAD_MS, 'ms')];
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

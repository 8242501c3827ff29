import { pruneLake } from '../../src/actions/prune/prune-lake.js';
import { openPruneProject, type PruneWork } from './prune-project-here.js';

/** Prunes a project in a process of its own, and may kill itself on the way. */
const { dir, now, killAfter } = JSON.parse(process.argv[2] ?? '') as PruneWork;

let steps = 0;
const project = await openPruneProject(dir, new Date(now), () => {
  if (steps++ === killAfter) process.kill(process.pid, 'SIGKILL');
});
console.log('open');
await pruneLake(project, {
  ...{ pipeline: null, olderThanDays: 90, what: ['raw', 'ledger', 'quarantine'], apply: true },
});

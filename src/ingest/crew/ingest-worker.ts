import { guardProcess } from '../../base/guard.js';

// A process of a run: takes its pages through the whole chain, and gives what it found and masked to the run.
guardProcess();
// A terminal and a service manager send these to all processes; the run says when to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => {
  process.exit(1); // the run is gone
});
const { workAsTold } = await import('./work.js');
workAsTold();

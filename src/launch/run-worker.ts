import { guardProcess } from '../base/guard.js';

// The process of one run. It inherits the core limit of the process that starts it.
guardProcess();
// A terminal and a service manager send these to all processes; the one that started the run says when to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
const { runAsTold } = await import('./run-as-told.js');
runAsTold();

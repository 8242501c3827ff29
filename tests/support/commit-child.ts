import type { RunRecord } from '../../src/base/types/run-record.js';
import { LocalLake } from '../../src/lake/store.js';
import { finishDead } from '../../src/ledger/ledger.js';
import { writeRun } from '../../src/ledger/write-run.js';
import { commitPrepared, type CommitWork, readArrivals } from './commit-prepared.js';

/** Commits prepared datasets to a lake in a process of its own, and may kill itself on the way. */
const { root, incoming, runId, killAfter, projectDir } = JSON.parse(process.argv[2] ?? '') as CommitWork;

let steps = 0;
const lake = new LocalLake({
  root,
  ...(projectDir === undefined ? {} : { projectDir }),
  waiting: { patienceMs: 0, sleep: () => Promise.resolve(), onWait: () => undefined },
  onReceipt: (record) => writeRun(root, record as RunRecord),
  onDead: (id) => finishDead(root, id),
  onStep: () => {
    if (steps++ === killAfter) process.kill(process.pid, 'SIGKILL');
  },
});
const arrivals = projectDir === undefined ? [] : await readArrivals(projectDir);
await commitPrepared(lake, incoming, runId, arrivals);

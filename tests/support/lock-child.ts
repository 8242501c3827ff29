import { tryLock } from '../../src/lake/lock.js';
import { LocalLake } from '../../src/lake/store.js';

/**
 * Holds something of a lake until its input ends: `lock` the file at `path`; `lake` the lake's lock; `staging` a run's
 * folder there. Says `held` or `busy`. `locks` makes one lock file after the other, until it is killed.
 */
const { what, path, name } = JSON.parse(process.argv[2] ?? '') as Record<'what' | 'path' | 'name', string>;

const lake = new LocalLake({
  root: path,
  waiting: { patienceMs: 0, sleep: () => Promise.resolve(), onWait: () => undefined },
  onReceipt: () => Promise.resolve(),
  onDead: () => Promise.resolve(),
});
const untilInputEnds = new Promise<void>((resolve) => process.stdin.resume().on('end', resolve));

if (what === 'lock') {
  const lock = await tryLock(path, name);
  process.stdout.write(lock === null ? 'busy\n' : 'held\n');
  await untilInputEnds;
  await lock?.release();
} else if (what === 'locks') {
  for (let i = 0; ; i++) {
    await (await tryLock(`${path}${i}`, name))?.release();
    process.stdout.write('held\n');
  }
} else if (what === 'staging') {
  const staging = await lake.stage(name);
  process.stdout.write('held\n');
  await untilInputEnds;
  await staging.close();
} else {
  await lake.exclusively(name, async () => {
    process.stdout.write('held\n');
    await untilInputEnds;
  });
}

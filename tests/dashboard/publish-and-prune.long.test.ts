import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pruneLake } from '../../src/actions/prune/prune-lake.js';
import { publishSite } from '../../src/dashboard/publish-site.js';
import type { LakeStore } from '../../src/lake/store.js';
import { transform } from '../../src/pipeline.js';
import { openHere } from '../canary/open-here.js';
import { runHere } from '../canary/run-here.js';
import { makeSandbox } from '../support/cli.js';
import { DATE } from './scene.js';

/** Runs `work` once, after the lake has been read for the first time. */
function afterFirstLook(lake: LakeStore, work: () => Promise<unknown>): LakeStore {
  let done: Promise<unknown> | null = null;
  return new Proxy(lake, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key !== 'survey') return value.bind(target) as unknown;
      return async () => {
        const found = await target.survey();
        done ??= work();
        await done;
        return found;
      };
    },
  });
}

describe('a date that is pruned while a site is published', () => {
  it.each([['pruned'], ['pruned, with the tables built again']])('%s, is left out or whole', async (how) => {
    const own = await makeSandbox();
    try {
      for (const date of ['2026-02-28', DATE]) {
        const ended = await runHere(own, ['run', 'persons', '--date', date], { RECORDS: '30' });
        expect(ended.exit, ended.stderr).toBe(0);
      }
      const project = await openHere(own);
      const lake = afterFirstLook(project.lake, async () => {
        const request = { pipeline: null, olderThanDays: 1, what: ['raw'], apply: true } as const;
        const now = (): Date => new Date('2026-03-02T12:00:00Z');
        await pruneLake({ ...project, effects: { ...project.effects, now } }, request);
        if (how !== 'pruned') await transform(project, { pipeline: null, dates: [] });
      });
      const out = join(own.root, 'pruned-site');
      await publishSite({ ...project, lake }, { out, singleFile: false });
      const names = readdirSync(out);
      const dated = names.filter((name) => name.includes('2026-02-28') && name.endsWith('.csv'));
      expect(names.some((name) => name.includes(DATE))).toBe(true);
      if (how === 'pruned') expect(dated).not.toEqual([]);
      else expect(dated).toEqual([]);
    } finally {
      await own.remove();
    }
  });
});

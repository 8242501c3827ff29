import { afterAll, describe, expect, it } from 'vitest';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { ingest } from '../../src/pipeline.js';
import { createFetch } from '../../src/source/http.js';
import { DATE, removeTempFolders, snapshot } from './lake-fixture.js';
import { makeProject } from './project.js';

afterAll(removeTempFolders);

const REQUEST = {
  ...{ pipeline: 'persons', date: DATE, slot: null, dataset: null, source: 'embedded', seed: null },
  ...{ force: false, asOfNow: false, limitPages: null },
};

describe('what the shipped pipeline lands', () => {
  it('is clean by its own manifest, and the same when landed again', async () => {
    const http = createFetch({ connections: 4 });
    try {
      const project = await makeProject({ RECORDS: '1500' }, http);
      expect(await ingest(project, REQUEST)).toMatchObject({ status: 'succeeded' });
      const report = await verifyLake(project, { date: null });
      expect(report).toMatchObject({ status: 'clean', partitions: 1, files: 1, problems: [] });
      expect(report.rows).toBeGreaterThan(1_400);

      const before = await snapshot(project.config.lakeDir);
      expect(await ingest(project, REQUEST)).toMatchObject({ status: 'unchanged' });
      expect(await snapshot(project.config.lakeDir)).toEqual(before);
    } finally {
      await http.close();
    }
  });
});

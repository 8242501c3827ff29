import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  json,
  startStubApi,
  status,
  type StubApi,
  type StubRequest,
} from '../support/stub-api.js';
import { type DraftProject, makeDraftProject } from './draft-project.js';

const ITEMS = Array.from({ length: 25 }, (_, n) => ({ id: 500 + n, quantity: n % 7 }));
const SIZE = 10;

/** Each pages in its own way, by parameters of its own. */
const SOURCES: Readonly<Record<string, (request: StubRequest) => Answer>> = {
  hubspot: ({ query }) => {
    const at = Number(query.get('after') ?? 0);
    return json({
      results: cut(at),
      ...(at + SIZE < 25 ? { paging: { next: { after: String(at + SIZE) } } } : {}),
    });
  },
  odata: ({ query }) => {
    const at = Number(query.get('$skiptoken') ?? 0);
    const next =
      at + SIZE < 25 ? { '@odata.nextLink': `${api.url}/odata?$skiptoken=${String(at + SIZE)}` } : {};
    return json({ value: cut(at), ...next });
  },
  stripe: ({ query }) => {
    const after = query.get('starting_after');
    const at = after === null ? 0 : ITEMS.findIndex(({ id }) => String(id) === after) + 1;
    return json({ data: cut(at), has_more: at + SIZE < 25 });
  },
  slack: ({ query }) => {
    const at = Number(query.get('cursor') ?? 0);
    return json({
      members: cut(at),
      response_metadata: { next_cursor: at + SIZE < 25 ? String(at + SIZE) : '' },
    });
  },
  google: ({ query }) => {
    const at = Number(query.get('page_token') ?? 0);
    return json({ items: cut(at), next_page_token: at + SIZE < 25 ? String(at + SIZE) : '' });
  },
  jira: ({ query }) => {
    const startAt = Number(query.get('startAt') ?? 0);
    return json({ startAt, maxResults: SIZE, total: 25, issues: cut(startAt) });
  },
  offsets: ({ query }) => {
    const offset = Number(query.get('skip') ?? 0);
    return json({ limit: SIZE, total: 25, rows: cut(offset) });
  },
  pages: ({ query }) => {
    const page = Number(query.get('page') ?? 1);
    return json({ page, total_pages: 3, data: cut((page - 1) * SIZE) });
  },
  flagged: ({ query }) => {
    const page = Number(query.get('page') ?? 1);
    return json({ data: cut((page - 1) * SIZE), has_more: page < 3 });
  },
  salesforce: ({ query }) => {
    const at = Number(query.get('at') ?? 0);
    const next =
      at + SIZE < 25
        ? { done: false, nextRecordsUrl: `/salesforce?at=${String(at + SIZE)}` }
        : { done: true };
    return json({ totalSize: 25, records: cut(at), ...next });
  },
  linked: ({ query }) => {
    const at = Number(query.get('at') ?? 0);
    const link = at + SIZE < 25 ? { link: `</linked?at=${String(at + SIZE)}>; rel="next"` } : {};
    return json(cut(at), link);
  },
  headers: ({ query }) => json(cut((Number(query.get('page') ?? 1) - 1) * SIZE), { 'x-total-count': '25' }),
  bare: ({ query }) => json(cut((Number(query.get('page') ?? 1) - 1) * SIZE)),
  search: ({ body }) => {
    const { page = 1 } = JSON.parse(body) as { page?: number };
    return json({ page, total: 25, hits: cut((page - 1) * SIZE) });
  },
};

function cut(at: number) {
  return ITEMS.slice(at, at + SIZE);
}

let api: StubApi;
let project: DraftProject;

beforeAll(async () => {
  api = await startStubApi((request) => SOURCES[request.path.slice(1)]?.(request) ?? status(404));
  project = makeDraftProject();
  writeFileSync(join(project.root, 'body.json'), '{"kind": "all"}');
  mkdirSync(join(project.dir, 'data'));
});

afterAll(async () => {
  await api.close();
  project.remove();
});

describe('the draft of a source in pages', () => {
  it.each(Object.keys(SOURCES))('lands every record: %s', async (name) => {
    const post = name === 'search' ? ['--post', join(project.root, 'body.json')] : [];
    const made = await project.run('new', name, '--from', `${api.url}/${name}`, ...post);
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    expect(await project.ask('run', name), project.page(name)).toMatchObject({
      exit: 0,
      document: { datasets: [{ landed: 25, duplicates: 0 }] },
    });
    expect(project.page(name)).not.toMatch(/pagination: .*# question/);
  });

  it.each([
    ['hubspot', '{ type: "cursor", cursor_param: "after"'],
    ['odata', '@odata.nextLink'],
    ['jira', 'startAt'],
    ['stripe', 'records.-1.id'],
  ])('from a saved answer asks for the rest: %s', async (name, says) => {
    const answer = await fetch(`${api.url}/${name}`);
    const file = join(project.dir, 'data', `${name}.json`);
    writeFileSync(file, await answer.text());
    expect(await project.ask('new', `${name}_file`, '--from', file)).toMatchObject({ exit: 0 });
    const line = /pagination: .*/.exec(project.page(`${name}_file`))?.[0] ?? '';
    expect(line).toContain('question: the file is one page of an API, so records may be missing');
    expect(line).toContain(says);
  });

  it('that says that there is more, in a way that is not known, asks and fails until it is answered', async () => {
    const strange = await startStubApi(() => json({ data: cut(0), truncated: true, nonsense: 1 }));
    try {
      const made = await project.run('new', 'strange', '--from', `${strange.url}/strange`);
      expect(made).toMatchObject({ exit: 0 });
      expect(project.page('strange')).toMatch(/pagination: .*# question/);
      expect((await project.ask('run', 'strange')).exit).toBe(3);
    } finally {
      await strange.close();
    }
  });
});

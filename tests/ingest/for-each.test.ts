import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeEffects, sendJson, serve } from '../source/harness.js';
import { DATE, makeProject, readAll } from './land-project.js';

/** Stands in the ids of teams, which are sent in URLs; nothing that a run writes may hold it. */
const CANARY = 'kanary/xq 4711';

interface Source {
  /** Ids of the teams, a page of two at a time. */
  readonly teams: readonly string[];
  /** How long the first answer of a team takes, in turns of the event loop. */
  readonly delays?: Readonly<Record<string, number>>;
  /** Status of the members of a team. */
  readonly statuses?: Readonly<Record<string, number>>;
  readonly members?: (
    team: string,
    page: number,
  ) => { readonly data: object[]; readonly next: number | null };
}

const TEAM = /^\/teams\/([^/]+)\/members$/;

/** Each team has its number of members: two on the first page, one on the second. */
function twoPages(team: string, page: number) {
  const data = page === 0 ? [{ name: `${team} a` }, { name: `${team} b` }] : [{ name: `${team} c` }];
  return { data, next: page === 0 ? 1 : null };
}

async function serveTeams({ teams, delays = {}, statuses = {}, members = twoPages }: Source) {
  return serve(async ({ path, query }, response) => {
    if (path === '/teams') {
      const page = Number(query.get('page'));
      const data = teams.slice(2 * page, 2 * page + 2).map((id) => ({ id, city: 'Bonn' }));
      sendJson(response, { data, total: teams.length });
      return;
    }
    const team = decodeURIComponent(TEAM.exec(path)?.[1] ?? '');
    for (let turn = 0; turn < (delays[team] ?? 0); turn++) await new Promise((next) => setTimeout(next, 1));
    const status = statuses[team] ?? 200;
    if (status !== 200) response.writeHead(status).end();
    else sendJson(response, members(team, Number(query.get('after') ?? 0)));
  });
}

function definition(url: URL, more = '', concurrency = 4): string {
  return `
pipeline: shop
source: { base_url: ${url.origin}, retries: 0, concurrency: ${concurrency} }
datasets:
  members:
    time: snapshot
    for_each: { dataset: teams, as: team${more} }
    request:
      path: /teams/{team.id}/members
      records: data
      pagination: { type: cursor, cursor_param: after, next_path: next }
    contract:
      schema:
        type: object
        required: [team, name]
        properties:
          name: { type: string, maxLength: 80, x-pii: direct }
          team:
            type: object
            required: [id]
            properties:
              id: { type: string, maxLength: 80, x-pii: direct }
    landing:
      team_token: { from: team.id, treat: token, scope: team }
      name_token: { from: name, treat: token, scope: member }
  teams:
    time: snapshot
    request:
      path: /teams
      records: data
      pagination: { type: page, page_param: page, start: 0, size_param: size, size: 2, total_path: total }
    contract:
      max_rejected: 50%
      schema:
        type: object
        required: [id]
        properties:
          id: { type: string, maxLength: 80, pattern: '^[^!]*$', x-pii: direct }
          city: { type: string, maxLength: 80, x-pii: quasi }
    landing:
      team_token: { from: id, treat: token, scope: team }
    drop: [city]
    primary_key: [team_token]
`;
}

async function landTeams(source: Source, more = '', concurrency = 4) {
  const server = await serveTeams(source);
  const project = await makeProject({ 'pipelines/shop.yaml': definition(server.url, more, concurrency) });
  return { server, project, land: () => project.land({ asOfNow: true }) };
}

const MEMBERS = `${DATE.replaceAll('-', '/')}/members.parquet`;

describe('a dataset for each record of another', () => {
  it('has all records of all parents, each with a field of its parent', async () => {
    const { server, project, land } = await landTeams({ teams: ['a', 'b', 'c', 'd', 'e'] });
    const { datasets } = await land();
    expect(datasets.map(({ dataset, fetched, landed }) => ({ dataset, fetched, landed }))).toEqual([
      { dataset: 'teams', fetched: 5, landed: 5 },
      { dataset: 'members', fetched: 15, landed: 15 },
    ]);
    const rows = (await project.rows(MEMBERS)) as { team_token: string }[];
    expect(new Set(rows.map(({ team_token }) => team_token)).size).toBe(5);
    const teams = (await project.rows(MEMBERS.replace('members', 'teams'))) as { team_token: string }[];
    expect(rows.map(({ team_token }) => team_token)).toEqual(
      teams.flatMap(({ team_token: team }) => [team, team, team]),
    );
    expect(server.mostInFlight()).toBeLessThanOrEqual(4);
  });

  it.each([1, 2, 3, 8])(
    'lands the same bytes whatever answers first, with concurrency %i',
    async (concurrency) => {
      const teams = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      const plain = await landTeams({ teams });
      await plain.land();
      const slow = await landTeams({ teams, delays: { a: 12, c: 6, d: 1 } }, '', concurrency);
      await slow.land();
      expect(await slow.project.rows(MEMBERS)).toEqual(await plain.project.rows(MEMBERS));
      expect((await slow.project.manifest(MEMBERS.replace('.parquet', '.manifest.json'))).files).toEqual(
        (await plain.project.manifest(MEMBERS.replace('.parquet', '.manifest.json'))).files,
      );
    },
  );

  it('sends each parent once, and none that was rejected', async () => {
    const { server, land } = await landTeams({ teams: ['a', 'b!', 'a2', 'c'] });
    await land();
    const asked = server.asked.filter(({ path }) => TEAM.test(path) && path.endsWith('members'));
    expect(new Set(asked.map(({ path }) => path))).toEqual(
      new Set(['/teams/a/members', '/teams/a2/members', '/teams/c/members']),
    );
  });

  it('is pulled with its parent when only one dataset is asked for', async () => {
    const { project } = await landTeams({ teams: ['a', 'b'] });
    const { datasets } = await project.land({ asOfNow: true, dataset: 'members' });
    expect(datasets.map(({ dataset }) => dataset)).toEqual(['teams', 'members']);
  });

  it('may have no records for a parent', async () => {
    const { land } = await landTeams({ teams: ['a', 'b'], members: () => ({ data: [], next: null }) });
    expect((await land()).datasets[1]).toMatchObject({ dataset: 'members', landed: 0 });
  });

  it('takes a status for no records only where the definition says so', async () => {
    const source = { teams: ['a', 'b', 'c'], statuses: { b: 404 } };
    const strict = await landTeams(source);
    await expect(strict.land()).rejects.toMatchObject({
      code: 'E_SOURCE_STATUS',
      where: { dataset: 'members' },
    });
    const lenient = await landTeams(source, ', empty_status: [404]');
    expect((await lenient.land()).datasets[1]).toMatchObject({ landed: 6 });
  });

  it('fails as a whole when one parent fails, and nothing lands', async () => {
    const { project, land } = await landTeams({ teams: ['a', 'b', 'c', 'd', 'e'], statuses: { d: 500 } });
    await expect(land()).rejects.toMatchObject({ code: 'E_SOURCE_STATUS', exit: 3 });
    expect(
      Object.keys(await readAll(join(project.dir, 'data_lake'))).filter((name) => name.endsWith('.parquet')),
    ).toEqual([]);
  });

  it('shows no value of a parent in an error, a log or the ledger', async () => {
    const lines: string[] = [];
    const log = (event: string, fields?: object): void => void lines.push(JSON.stringify({ event, fields }));
    const { project } = await landTeams({ teams: ['a', CANARY], statuses: { [CANARY]: 503 } });
    const effects = makeEffects({
      log: {
        info: log,
        warn: log,
        debug: log,
        reported: (_, ...line) => {
          log(...line);
        },
        setRun: log,
      },
    });
    const error: unknown = await project.land({ asOfNow: true }, effects).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_SOURCE_STATUS', where: { path: '/teams/{team.id}/members' } });
    expect(JSON.stringify(error) + String(error) + lines.join('')).not.toMatch(/kanary/i);
    for (const bytes of Object.values(await readAll(project.dir))) {
      expect(Buffer.from(bytes, 'base64').toString('latin1')).not.toMatch(/kanary/i);
    }
  });

  it('writes a value of a parent into one part of the path', async () => {
    const { server, land } = await landTeams({ teams: [CANARY, 'a?b#c', 'ü'] });
    await land();
    const asked = server.asked.map(({ path }) => path).filter((path) => path !== '/teams');
    expect(asked).toContain('/teams/kanary%2Fxq%204711/members');
    expect(asked).toContain('/teams/a%3Fb%23c/members');
  });

  it.each(['.', '..', ''])('refuses the value %j in a path', async (id) => {
    const { land } = await landTeams({ teams: ['a', id] });
    await expect(land()).rejects.toMatchObject({ code: 'E_SOURCE_SHAPE', exit: 3 });
  });

  it('refuses records that have a field of the parent\u2019s name', async () => {
    const { land } = await landTeams({
      teams: ['a'],
      members: () => ({ data: [{ name: 'x', team: { id: 'other' } }], next: null }),
    });
    await expect(land()).rejects.toMatchObject({ code: 'E_SOURCE_SHAPE' });
  });

  it('fails where one of its pulls ends short', async () => {
    const { land } = await landTeams({
      teams: ['a', 'b'],
      members: (team) => ({
        data: [{ name: team }],
        next: null,
        ...(team === 'b' ? { has_more: true } : {}),
      }),
    });
    await expect(land()).rejects.toMatchObject({ code: 'E_SOURCE_MORE' });
  });
});

describe('for_each is refused', () => {
  it.each<[string, (text: string) => string, RegExp]>([
    ['with an unknown dataset', (text) => text.replace('dataset: teams', 'dataset: tems'), /unknown dataset/],
    ['with itself', (text) => text.replace('dataset: teams', 'dataset: members'), /cycle/],
    ['with an unknown field', (text) => text.replace('{team.id}', '{team.key}'), /teams has no leaf key/],
    ['without a field', (text) => text.replace('{team.id}', 'all'), /no field of the parent/],
    [
      'with two paths',
      (text) => text.replace('as: team', 'as: team, path: "/x/{team.id}"'),
      /`path` stands in `request` too/,
    ],
    [
      'with a placeholder of another name',
      (text) => text.replace('as: team', 'as: group'),
      /no field of the parent|unknown placeholder/,
    ],
  ])('%s', async (_, change, says) => {
    const text = change(definition(new URL('http://127.0.0.1:9')));
    const project = await makeProject({ 'pipelines/shop.yaml': text });
    await expect(project.open()).rejects.toThrow(says);
  });

  it('not with its path in for_each', async () => {
    const server = await serveTeams({ teams: ['a'] });
    const text = definition(server.url)
      .replace('as: team', 'as: team, path: "/teams/{team.id}/members"')
      .replace('      path: /teams/{team.id}/members\n', '');
    const project = await makeProject({ 'pipelines/shop.yaml': text });
    expect((await project.land({ asOfNow: true })).datasets[1]).toMatchObject({ landed: 3 });
    expect(await readFile(join(project.dir, 'pipelines/shop.yaml'), 'utf8')).toContain('for_each');
  });
});

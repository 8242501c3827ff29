import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { json, status, type Answer, type StubRequest } from '../support/stub-api.js';
import { listBlocks, readPage, ROOT } from './pages.js';

/** What a page needs before its first command. */
export interface Setup {
  readonly environment?: Readonly<Record<string, string>>;
  /** Files of the project, by name. */
  readonly files?: ReadonlyMap<string, string>;
  /** Commands that land what the page looks at. */
  readonly before?: string;
  /** The date that it is for snapshots of the bundled server. */
  readonly isOn?: string;
}

const SHIPPED = readFolders('pipelines', 'sql');
const FEW = { RECORDS: '100' };
const TARGETS = new Map([
  ['targets.yaml', 'targets:\n  reporting: { type: sqlite, path: reporting.sqlite }\n'],
]);
const SECRETS = {
  API_TOKEN: 'a',
  API_KEY: 'b',
  API_USER: 'c',
  API_PASSWORD: 'd',
  API_CLIENT: 'e',
  API_SECRET: 'f',
};

/** Every page with commands, by its file; `commands.long.test.ts` runs them all. */
export const SETUPS: ReadonlyMap<string, Setup> = new Map<string, Setup>([
  ['README.md', { files: new Map([...SHIPPED, ...TARGETS]) }],
  [
    'docs/commands.md',
    {
      environment: { ...FEW, ...SECRETS },
      files: new Map([
        ...SHIPPED,
        ...TARGETS,
        ['data/rates.csv', 'currency,rate\nEUR,1.0\nUSD,1.1\n'],
        ['body.json', '{ "status": "active" }\n'],
      ]),
      before: `pipeline run persons --date 2026-11-20
mkdir old && cp data_lake/raw/2026/11/20/persons.parquet old/2026-11-20.parquet
pipeline run bookings --date 2026-11-20T09
pipeline run shop --date 2026-11-20`,
    },
  ],
  ['docs/erasure.md', { environment: FEW, files: new Map([...SHIPPED, ...TARGETS]) }],
  ['docs/first-hour.md', {}],
  ['docs/load.md', { environment: FEW, files: new Map([...SHIPPED, ...TARGETS]) }],
  ['docs/operations.md', { environment: FEW, files: SHIPPED, before: 'pipeline run persons' }],
  [
    'docs/pipelines.md',
    { files: new Map([...listFiles('docs/pipelines.md'), ...listFiles('docs/models.md')]) },
  ],
  ['docs/privacy.md', { files: SHIPPED }],
  ['docs/queries.md', { files: SHIPPED, isOn: '2026-11-20' }],
  ['templates/project/README.md', { before: 'pipeline init made && cd made' }],
]);

function readFolders(...folders: readonly string[]): ReadonlyMap<string, string> {
  const names = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return new Map(names.map((name) => [name.slice(ROOT.length), readFileSync(name, 'utf8')]));
}

/** The files of a project that a page shows, such as `yaml pipelines/visits.yaml`. */
function listFiles(file: string): readonly (readonly [string, string])[] {
  return listBlocks(readPage(file)).flatMap(({ info, text }) => {
    const [, name] = /^(?:yaml|sql) (\S+\/\S+)$/.exec(info) ?? [];
    return name === undefined ? [] : [[name, text] as const];
  });
}

const ROWS = Array.from({ length: 30 }, (_, n) => ({
  id: 7000 + n,
  name: `Kanary ${String(n)}`,
  email: `kanary${String(n)}@gmail.com`,
  status: n % 3 === 0 ? 'closed' : 'active',
  manager_id: 7000,
}));

const VISITS = ROWS.map(({ email }, n) => ({
  card: `card-${String(1000 + n)}`,
  day: '2026-11-20',
  minutes: n,
  note: null,
  visitor: { name: 'Kanary Q. Kanaryarch', email, born: `19${String(60 + n)}-05-01` },
}));

/** In place of the APIs that pages invent. */
export function answerExample({ path, query, method }: StubRequest): Answer {
  if (path === '/token') return json({ access_token: 'g', token_type: 'Bearer', expires_in: 60 });
  if (path === '/v1/visits' && method === 'GET') return json({ total: VISITS.length, data: VISITS });
  if (!path.startsWith('/v1/')) return status(404);
  if (path.endsWith('/members')) return json(ROWS.map(({ id }) => ({ person_id: id, role: 'member' })));
  return json(query.get('page') === null ? ROWS : []);
}

/** The bundled server at `url`, where snapshots without a date are those of `date`. */
export function answerAsOf(url: string, date: string): (request: StubRequest) => Answer {
  return ({ path, query }) => {
    const params = new URLSearchParams(query);
    const isSnapshot = ['/users', '/products'].includes(path) && !params.has('date');
    if (isSnapshot) params.set('date', date);
    return async (response) => {
      const answer = await fetch(`${url}${path}?${params.toString()}`);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    };
  };
}

import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scanForCanaries } from '../support/canary.js';
import { json, startStubApi } from '../support/stub-api.js';
import { queryFile } from './lake-files.js';
import { runHere } from './run-here.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATE = '2026-03-01';
const PEOPLE = 40;
const ENDINGS = [' Inc', ' LLC', ' Group', ' and Sons', '-Crona'];
const PROVIDERS = ['gmail.com', 'kanaryhost.example', 'yahoo.com'];

/** A member whose every hidden value holds a needle, in both halves of the name; each tenth has the first half alone. */
function makeMember(n: number): Readonly<Record<string, unknown>> {
  const [first, last] = [`Xq${n}Kanaryfirst${n}qX`, `Xq${n}Kanärylast${n}qX`];
  return {
    id: n + 1,
    name: n % 10 === 9 ? first : ` ${first} Xkanaryroad${n}\u00a0${last} `,
    username: `xkanarykey${n}`,
    email: spellEmail(n),
    address: {
      street: `${n} Xkanarystreet ${n} Lane`,
      suite: `B-KNRY7714-${n}`,
      city: 'Berlin',
      zipcode: `41Q-77315-${n}`,
      geo: n % 7 === 0 ? null : { lat: '48.1372915', lng: '-11.5754218' },
    },
    phone: n % 5 === 0 ? null : `+495550147319${String(n).padStart(4, '0')}`,
    website: `kanaryweb${n}.example`,
    company: n % 6 === 0 ? null : makeCompany(n, last),
    nickname: `kanaryssn${n}`,
  };
}

/** Half of the people have the address of the other half, spelled otherwise. */
function spellEmail(n: number): string {
  const owner = n % (PEOPLE / 2);
  const email = `xq${owner}.KanaryMail.${owner}xq@${PROVIDERS[owner % 3] ?? ''}`;
  return owner === n ? email : ` ${email.toUpperCase()}`;
}

function makeCompany(n: number, owner: string): Readonly<Record<string, unknown>> {
  return {
    name: `${owner}${ENDINGS[n % 5] ?? ''}`,
    catchPhrase: `kanaryimage ${n} interface`,
    bs: `kanaryerror ${n} models`,
  };
}

test('neither half of a name, nor anything else of a member, is anywhere', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-directory-')));
  const project = join(root, 'project');
  for (const part of ['pipelines/directory.yaml', 'sql/directory'])
    cpSync(join(ROOT, part), join(project, part), { recursive: true });
  for (const folder of ['tmp', 'home', 'config']) mkdirSync(join(root, folder));
  const api = await startStubApi(({ query }) =>
    json(query.get('_page') === '1' ? Array.from({ length: PEOPLE }, (_, n) => makeMember(n)) : []),
  );
  try {
    const outputs: Record<string, string> = {};
    for (const command of [
      `run directory --date ${DATE} --source ${api.url} --as-of-now --json`,
      ...['report directory', 'export directory', 'explain directory', 'models directory --json'],
      'export directory silver.directory_people --with-tokens --format json',
      ...['check directory --json', 'verify --json', 'status directory --json', 'transform directory --all'],
    ]) {
      const end = await runHere({ root, project }, command.split(' '), { LOG_LEVEL: 'debug' });
      expect(end.exit, `${command}: ${end.stdout}${end.stderr}`).toBe(0);
      outputs[command] = `${end.stdout}\n${end.stderr}`;
    }
    const file = join(project, 'data_lake', 'raw', ...DATE.split('-'), 'directory_users.parquet');
    const [landed] = await queryFile(
      file,
      `select count(*)::integer as rows, count(first_name)::integer as first_names,
         count(last_name)::integer as last_names, count(distinct email_token)::integer as email_tokens, count(distinct latitude)::integer as latitudes,
         list_sort(list(distinct company_class))::varchar as classes,
         list_sort(list(distinct email))::varchar as emails
       from landed`,
    );
    expect(landed).toEqual({
      ...{
        rows: PEOPLE,
        first_names: PEOPLE,
        last_names: PEOPLE - 4,
        email_tokens: PEOPLE / 2,
        latitudes: 1,
      },
      classes: '[Group, Inc, LLC, and-Sons, other, NULL]',
      emails: '[***@gmail.com, ***@other, ***@yahoo.com]',
    });
    expect(await scanForCanaries([root], outputs)).toEqual([]);
  } finally {
    await api.close();
    rmSync(root, { recursive: true, force: true });
  }
});

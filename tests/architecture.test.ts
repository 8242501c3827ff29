import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findFolderCycles, measure } from '../scripts/measure-code.mjs';
import { cruise } from './support/cruise.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Source {
  readonly path: string;
  readonly text: string;
}

function listSources(...folders: string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.m?[jt]s$/.test(name))
      .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(ROOT, folder, name), 'utf8') })),
  );
}

/** What reads files of the package, streams of any size that do not block, and keys. */
const MAY_OPEN = [
  'src/actions/init/init-project.ts',
  'src/base/config/key-file.ts',
  'src/base/files/durable.ts',
  'src/base/files/log-file.ts',
  'src/base/files/package-dir.ts',
  'src/base/files/small-file.ts',
  'src/dashboard/dashboard-assets.ts',
  'src/source/project-files.ts',
];

/** Each rule gives the files that break it, so that it can be tried on files that do. */
const RULES: readonly { name: string; broken: Source; breaks: (source: Source) => boolean }[] = [
  {
    name: 'only anonymize/ makes what is masked',
    broken: { path: 'src/lake/store.ts', text: 'const part = { path } as Masked<Part>;' },
    breaks: ({ path, text }) =>
      !path.startsWith('src/anonymize/') &&
      /\bas\s+(?:unknown\s+as\s+)?Masked\w*|<Masked\w*>\s*[({[]/.test(text),
  },
  {
    name: 'only config.ts and guard.ts read the environment',
    broken: { path: 'src/source/http.ts', text: "import { env } from 'node:process';" },
    breaks: ({ path, text }) =>
      !['src/base/config/config.ts', 'src/base/guard.ts'].includes(path) &&
      /process\s*(?:\.|\?\.|\[\s*['"])\s*env\b|\benv\b[^}]*\}\s*(?:=\s*process\b|from\s*['"](?:node:)?process)/.test(
        text,
      ),
  },
  {
    name: 'only bounded reads open files that others may have changed',
    broken: { path: 'src/lake/store.ts', text: "const text = await readFile(path, 'utf8');" },
    breaks: ({ path, text }) =>
      /^(?:src|commands)\//.test(path) &&
      !MAY_OPEN.includes(path) &&
      /(?<!\bfile\.)\b(?:readFile|readFileSync|createReadStream|openSync)\(|\bopen\([^)]*'r'\)/.test(text),
  },
  {
    name: 'no file has more than 300 lines',
    broken: { path: 'src/long.ts', text: 'a;\n'.repeat(301) },
    breaks: ({ text }) => text.trimEnd().split('\n').length > 300,
  },
  {
    name: 'no barrel and no drawer for helpers',
    broken: { path: 'src/lake/index.ts', text: '' },
    breaks: ({ path }) => /^src\/.*\b(?:index|utils?|helpers?|common|misc)\.ts$/.test(path),
  },
  {
    name: 'no check is silenced',
    broken: { path: 'src/a.ts', text: '// @ts-' + 'expect-error' },
    breaks: ({ text }) => /@ts-(?:ignore|expect-error|nocheck)|eslint-disable|\bas any\b/.test(text),
  },
  {
    name: 'files are kebab-case',
    broken: { path: 'src/lake/landingRoom.ts', text: '' },
    breaks: ({ path }) => !/^[a-z0-9-]+(?:\.[a-z0-9]+)+$/.test(path.split('/').at(-1) ?? ''),
  },
];

describe.each(RULES)('$name', ({ breaks, broken }) => {
  it('in src/, commands/ and fake-api/', () => {
    expect(
      listSources('src', 'commands', 'fake-api')
        .filter(breaks)
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it('which this test would see', () => {
    expect(breaks(broken)).toBe(true);
  });
});

/** `npm test` holds them for this checkout before the tests, and a long test does too. */
describe('the rules of layers', () => {
  const PLANTED: Readonly<Record<string, string>> = {
    'src/base/errors.ts': "import '../lake/a.js';",
    'src/base/guard.ts': "import './config/config.js';",
    'src/base/config/config.ts': 'export {};',
    'src/lake/a.ts': "import '../source/b.js';\nimport './c.js';",
    'src/lake/c.ts': "import type { A } from './d.js';\nexport type C = A;",
    'src/lake/d.ts': "import type { C } from './c.js';\nexport type A = C | null;",
    'src/source/b.ts':
      "import '../base/errors.js';\nimport 'vitest';\nimport '../pipeline.js';\nimport './nowhere.js';",
    'src/pipeline.ts': "import '../commands/run.js';\nimport './dashboard/serve.js';",
    'src/project.ts': "import './ingest/date.js';",
    'src/ingest/date.ts': "import '../actions/prune/prune.js';",
    'src/actions/prune/prune.ts': "import '../../pipeline.js';",
    'src/dashboard/serve.ts': 'export {};',
    'fake-api/server.ts': "import '../src/lake/d.js';",
    'commands/run.ts': 'export {};',
  };

  it('see every kind of wrong import', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lakeveil-layers-'));
    try {
      for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
        cpSync(join(ROOT, name), join(folder, name));
      }
      symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
      for (const [path, text] of Object.entries(PLANTED)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      expect(cruise(folder)).toEqual([
        'actions-know-no-pipeline: src/actions/prune/prune.ts → src/pipeline.ts',
        'base-knows-base-only: src/base/errors.ts → src/lake/a.ts',
        'fake-api-stands-alone: fake-api/server.ts → src/lake/d.ts',
        'guard-imports-no-package: src/base/errors.ts → src/lake/a.ts',
        'guard-imports-no-package: src/base/guard.ts → src/base/config/config.ts',
        'ingest-knows-no-action: src/ingest/date.ts → src/actions/prune/prune.ts',
        'no-cycle: src/base/errors.ts → src/lake/a.ts',
        'no-cycle: src/lake/c.ts → src/lake/d.ts',
        'nothing-unresolvable: src/source/b.ts → ./nowhere.js',
        'pipeline-knows-no-dashboard: src/pipeline.ts → src/dashboard/serve.ts',
        'project-knows-stages-only: src/project.ts → src/ingest/date.ts',
        'shipped-code-uses-dependencies-only: src/source/b.ts → vitest',
        'src-knows-no-command: src/pipeline.ts → commands/run.ts',
        'stage-lake-stands-alone: src/lake/a.ts → src/source/b.ts',
        'stage-source-stands-alone: src/source/b.ts → src/pipeline.ts',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('folders', () => {
  it('that stand side by side form no import cycle, and none has more than 30 files', () => {
    const { fileCycles, folderCycles, largeFolders } = measure();
    expect({ fileCycles, folderCycles, largeFolders }).toEqual({
      fileCycles: [],
      folderCycles: [],
      largeFolders: [],
    });
  });

  it('which this test would see', () => {
    const imports = new Map([
      ['src/lake/zone/a.ts', ['src/source/b.ts']],
      ['src/source/b.ts', ['src/lake/c.ts']],
      ['src/lake/c.ts', ['src/lake/zone/a.ts']],
    ]);
    expect(findFolderCycles(imports)).toEqual(['src: lake → source → lake']);
  });
});

import { describe, expect, it } from 'vitest';
import { toLakeveilError } from '../../src/base/defect.js';
import { failure } from '../../src/base/errors.js';
import { formatError, toErrorDocument } from '../../src/base/terminal/print-error.js';

const error = failure(
  'E_SOURCE_STATUS',
  { status: 500 },
  { pipeline: 'persons', path: '/api/v2/persons', page: 3, tries: 6 },
);

describe('formatError', () => {
  it('says what happened, the code, where, what is on disk, and what to type next, in this order', () => {
    expect(formatError(error, false).split('\n')).toEqual([
      'Error: the source returned HTTP status 500',
      '  code     E_SOURCE_STATUS',
      '  where    pipeline persons, path /api/v2/persons, page 3, tries 6',
      '  on disk  The lake is unchanged.',
      '  next     try again once the API is available; if the status means that no pages follow, add it to `end_status`',
    ]);
  });

  it('gives file, line and column as editors take them', () => {
    const spot = failure('E_DEFINITION', { problem: 'p', fix: 'f' }, { file: 'a.yaml', line: 3, column: 7 });
    expect(formatError(spot, false)).toContain('where    a.yaml:3:7');
  });

  it('scrubs what stands in a line, and keeps its own lines', () => {
    const odd = failure('E_DISK', { path: '/tmp/\u001b[31m', kind: 'EACCES' });
    expect(formatError(odd, false)).toContain('cannot write /tmp/\uFFFD[31m (EACCES)');
  });
});

it('toErrorDocument has exactly what --json promises', () => {
  expect(Object.keys(toErrorDocument(error).error)).toEqual(['code', 'message', 'where', 'remedy', 'exit']);
});

describe('toLakeveilError', () => {
  class Odd extends Error {
    readonly record = { email: 'canary@example.org' };
  }

  it('keeps an error of the catalogue', () => {
    expect(toLakeveilError(error)).toBe(error);
  });

  it.each([
    ['message', () => new Odd('canary')],
    ['cause', () => new Odd('x', { cause: new Error('canary') })],
    ['name', () => Object.assign(new Odd('x'), { name: 'canary' })],
    ['a message of several lines', () => new Odd('x\n    at canary (/srv/dist/src/canary.js:1:2)\ny')],
    [
      'a message that was changed',
      () => Object.assign(new Odd('x (/srv/src/canary.js:1:2)'), { message: 'canary' }),
    ],
    ['value that is not an Error', () => 'canary'],
    ['an object', () => ({ message: 'canary' })],
    ['a constructor of its own', () => Object.assign(new Odd('x'), { constructor: { name: 'Canary' } })],
    [
      'a stack of its own',
      () => Object.assign(new Odd('canary'), { stack: 'canary\n    at canary (canary:1:2)' }),
    ],
  ])('tells nothing of %s', (_, make) => {
    const told = toLakeveilError(make());
    expect(told.code).toBe('E_DEFECT');
    expect(told.exit).toBe(1);
    expect(JSON.stringify([told.message, told.where, told.remedy]).toLowerCase()).not.toContain('canary');
  });

  it('names the class, and where in our own files', () => {
    const thrown = new Odd('secret');
    thrown.stack = [
      'Error: secret',
      '    at land (file:///srv/lakeveil/dist/src/lake/store.js:10:5)',
      '    at async Object.run (/srv/lakeveil/src/pipeline.ts:7:1)',
      '    at parse (/srv/lakeveil/node_modules/ajv/dist/src/x.js:1:1)',
      '    at node:internal/process:5:1',
    ].join('\n');
    expect(toLakeveilError(thrown).message).toBe(
      'unexpected Odd\n    at dist/src/lake/store.js:10:5\n    at src/pipeline.ts:7:1',
    );
  });
});

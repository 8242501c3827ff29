import { describe, expect, it } from 'vitest';
import { toLakeveilError } from '../../src/base/defect.js';
import { duckErrorKind, openFailure, toFailure } from '../../src/base/duckdb.js';
import { failure } from '../../src/base/errors.js';

const FULL = 'Could not write file "/db/.next/x.duckdb.wal": No space left on device';
const place = { path: 'db/lake.duckdb', where: { stage: 'transform' } };
const defect = () => failure('E_DEFECT', { name: 'DuckDB error', at: '' });

describe('a fault of the machine', () => {
  it.each([
    [`FATAL Error: Failed to create checkpoint because of error: ${FULL}`, 'E_DISK'],
    [`TransactionContext Error: Failed to commit: ${FULL}`, 'E_DISK'],
    ['INTERNAL Error: Could not fsync file "/db/x": Input/output error', 'E_DISK'],
    [`IO Error: ${FULL}`, 'E_DISK'],
    ['Out of Memory Error: Failed to allocate block of 262144 bytes (bad allocation)', 'E_MEMORY'],
    ['FATAL Error: Failed to create checkpoint because of error: std::bad_alloc', 'E_MEMORY'],
    ['std::bad_alloc', 'E_MEMORY'],
  ])('that DuckDB reports as "%s" is exit 6: %s', (message, code) => {
    const error = toFailure(new Error(message), place, defect);
    expect([error.code, error.exit]).toEqual([code, 6]);
    expect(error.onDisk).toBe('Landed data was kept. The warehouse is unchanged.');
    expect(error.message).not.toContain('.next');
  });

  it('is not taken from a text that may quote a cell', () => {
    expect(duckErrorKind(new Error('Conversion Error: "No space left on device"'))).toBe('Conversion');
    expect(duckErrorKind(new Error('INTERNAL Error: Assertion triggered'))).toBe('INTERNAL');
    expect(duckErrorKind(new Error('Some Error: Out of Memory'))).toBe('unknown');
  });

  it('does not make a database of ours one of another program', () => {
    const memory = openFailure(new Error('Out of Memory Error: could not allocate block'), 'db/lake.duckdb');
    expect(memory.code).toBe('E_MEMORY');
    const other = openFailure(new Error('IO Error: not a valid DuckDB database file'), 'db/lake.duckdb');
    expect(other.code).toBe('E_NOT_A_DATABASE');
  });

  it.each([
    [Object.assign(new Error('write'), { code: 'ENOSPC' }), 'E_DISK'],
    [Object.assign(new Error('open'), { code: 'EMFILE' }), 'E_DISK'],
    [Object.assign(new Error('spawn'), { code: 'ENOMEM' }), 'E_MEMORY'],
    [new RangeError('Array buffer allocation failed'), 'E_MEMORY'],
    [new Error('Out of Memory Error: could not allocate block of 8 MB'), 'E_MEMORY'],
  ])('that no stage expected is exit 6: %s', (thrown, code) => {
    const error = toLakeveilError(thrown);
    expect([error.code, error.exit]).toEqual([code, 6]);
  });

  it('differs from a defect', () => {
    expect(toLakeveilError(new RangeError('Invalid array length')).code).toBe('E_DEFECT');
    expect(toLakeveilError(Object.assign(new Error('x'), { code: 'ENOENT' })).code).toBe('E_DEFECT');
  });
});

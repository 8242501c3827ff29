import { describe, expect, it } from 'vitest';
import { writeCsvHead, writeCsvRow } from '../../src/report/csv.js';

const text = [{ name: 'a', kind: 'text' }] as const;
const number = [{ name: 'a', kind: 'number' }] as const;

describe('a text cell', () => {
  it.each([
    ['Berlin', 'Berlin'],
    ['', '""'],
    ['a,b', '"a,b"'],
    ['say "a"', '"say ""a"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', `'=1+1`],
    ['+49*****', `'+49*****`],
    ['-1', `'-1`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['  =1', `'  =1`],
    ['\u00a0=1', `'\u00a0=1`],
    ['\u200b=1', `'\u200b=1`],
    ['＝1', `'＝1`],
    ['＋1', `'＋1`],
    ['－1', `'－1`],
    ['＠1', `'＠1`],
    ['\t1', `"'\t1"`],
    ['\r1', `"'\r1"`],
    ['\n1', `"'\n1"`],
    ['=cmd|"/c calc",1', `"'=cmd|""/c calc"",1"`],
    [';=1+1', `";'=1+1"`],
    ['a;=1+1;b', `"a;'=1+1;b"`],
    ['a; ＝1', `"a;' ＝1"`],
    ['a;"=1"b', `"a;'""=1""b"`],
    ['a\t=1', `"a\t'=1"`],
    ['a|@b', `"a|'@b"`],
    ['a\r\n-1', `"a\r\n'-1"`],
    ['=a;=b', `"'=a;'=b"`],
    ['a;b', '"a;b"'],
    ['\ufeff=1', `'\ufeff=1`],
    ['\ufeffa', '\ufeffa'],
    ['a=1', 'a=1'],
    ['***', '***'],
  ])('%j is written as %j', (cell, field) => {
    expect(writeCsvRow(text, [cell])).toBe(`${field}\r\n`);
  });

  it('is empty for null', () => {
    expect(writeCsvRow(text, [null])).toBe('\r\n');
  });
});

describe('a number', () => {
  it.each([
    [-5, '-5'],
    ['-9007199254740993', '-9007199254740993'],
    ['-1.50', '-1.50'],
    [1e21, '1e+21'],
  ])('%j stays as it is', (cell, field) => {
    expect(writeCsvRow(number, [cell])).toBe(`${field}\r\n`);
  });
});

it('a column name is guarded as a cell is', () => {
  expect(writeCsvHead([...text, { name: '=x', kind: 'number' }])).toBe("a,'=x\r\n");
});

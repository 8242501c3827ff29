import { expect, it } from 'vitest';
import { isLineOfData } from '../../src/draft/read-records.js';

it.each([
  'Ingrid,Lehmann,HIV,Potsdam',
  'Paul,Weber,asthma,Berlin',
  'Ingrid,HIV',
  'ANNA,WEBER',
  'McDonald,DeVito',
  'Anna Weber,Berlin',
  '李雷,北京',
])('%s is a line of data', (line) => {
  expect(isLineOfData(line.split(','))).toBe(true);
});

it.each([
  'id,foo,bar',
  'foo,barBaz,foo_bar',
  'FOO_BAR,BAZ_QUX',
  'FooBar,BazQux',
  'Id,Segment',
  'Name,Email,Diagnosis,Segment',
  'First Name,Order Total,Widget',
  'ID,CITY,XYZ',
])('%s is a line of names', (line) => {
  expect(isLineOfData(line.split(','))).toBe(false);
});

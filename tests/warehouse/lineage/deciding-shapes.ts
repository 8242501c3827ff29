import type { Shape } from './shape.js';

/** Shapes in which a column decides which rows there are, or the order of them, and no value shows it. All of them run. */
export const DECIDING_SHAPES: Readonly<Record<string, Shape>> = {
  'a join of a calendar by a day': {
    sql: 'select w.z from silver.w join silver.t on w.z = t.b',
    columns: { z: 't.b w.z' },
    rows: 't.b w.z',
  },
  'a join of a calendar by all days before, and their last': {
    sql: 'select w.k, max(w.z) as last from silver.w join silver.t on w.z <= t.b group by w.k',
    columns: { k: 't.b w.k w.z', last: 't.b w.k w.z' },
    rows: 't.b w.k w.z',
  },
  'a calendar filtered by the days of another table': {
    sql: 'select z from silver.w where z in (select b from silver.t)',
    columns: { z: 't.b w.z' },
    rows: 't.b w.z',
  },
  'a calendar without the days of another table': {
    sql: 'select z from silver.w where z not in (select b from silver.t)',
    columns: { z: 't.b w.z' },
    rows: 't.b w.z',
  },
  'a rank by a join of a table with itself': {
    sql: 'select one.a, (select count(*) from silver.t as two where two.b < one.b) as place from silver.t as one',
    columns: { a: 't.a t.b', place: 't.b' },
    rows: 't.b',
  },
  'a rank by a grouped join of a table with itself': {
    sql: 'select one.a, count(*) as place from silver.t as one join silver.t as two on two.b <= one.b group by one.a, one.b',
    columns: { a: 't.a t.b', place: 't.a t.b' },
    rows: 't.a t.b',
  },
  'a number of rows over an ordered query': {
    sql: 'select a, row_number() over () as place from (select a from silver.t order by b, k)',
    columns: { a: 't.a t.b t.k', place: 't.b t.k' },
    rows: 't.b t.k',
  },
  'a limit over an ordered query': {
    sql: 'select a from (select a, b from silver.t order by b, k limit 2)',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a limit over an ordered CTE': {
    sql: 'with v as (select a, b from silver.t order by b, k) select a from v limit 2',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a list in an order': {
    sql: 'select list(a order by b, k) as p, first(c order by k, b) as q from silver.t',
    columns: { p: 't.a t.b t.k', q: 't.b t.c t.k' },
    rows: '',
  },
  'a group that having keeps': {
    sql: 'select c from silver.t group by c having max(b) > 4',
    columns: { c: 't.b t.c' },
    rows: 't.b t.c',
  },
  'the first row of each, by an order': {
    sql: 'select distinct on (c) a from silver.t order by c, b, k',
    columns: { a: 't.a t.b t.c t.k' },
    rows: 't.b t.c t.k',
  },
  'a filter within a filter of an aggregate': {
    sql: 'select count(*) filter (where b in (select z from silver.w)) as p from silver.t',
    columns: { p: 't.b w.z' },
    rows: 't.b w.z',
  },
  'an or and an and of filters': {
    sql: "select a from silver.t where (b > 1 or k < 3) and (c = 'x' or a > 1)",
    columns: { a: 't.a t.b t.c t.k' },
    rows: 't.a t.b t.c t.k',
  },
  'a limit by a query': {
    sql: 'select a from silver.t order by k, b limit (select max(z) - 3 from silver.w)',
    columns: { a: 't.a t.b t.k w.z' },
    rows: 't.b t.k w.z',
  },
  'an intersect': {
    sql: 'select k from silver.t intersect select z from silver.w',
    columns: { k: 't.k w.z' },
    rows: 't.k w.z',
  },
  'an except of all': {
    sql: 'select k from silver.t except all select z from silver.w',
    columns: { k: 't.k w.z' },
    rows: 't.k w.z',
  },
  'a quantifier': {
    sql: 'select a from silver.t where b <= any (select z from silver.w)',
    columns: { a: 't.a t.b w.z' },
    rows: 't.b w.z',
  },
  'a quantifier over all': {
    sql: 'select a > all (select z from silver.w where z < 2) as p from silver.t',
    columns: { p: 't.a w.z' },
    rows: 't.a w.z',
  },
  'an asof join with a key': {
    sql: 'select t.a, u.y from silver.t asof join silver.u on t.k = u.k and t.b >= u.x',
    columns: { a: 't.a t.b t.k u.k u.x', y: 't.b t.k u.k u.x u.y' },
    rows: 't.b t.k u.k u.x',
  },
  'a full join by using': {
    sql: 'select k, t.a, u.x from silver.t full join silver.u using (k)',
    columns: { k: 't.k u.k', a: 't.a t.k u.k', x: 't.k u.k u.x' },
    rows: 't.k u.k',
  },
  'a natural join of three': {
    sql: 'select z, x from silver.u natural join silver.w natural join (select k from silver.t where b > 1)',
    columns: { z: 't.b t.k u.k w.k w.z', x: 't.b t.k u.k u.x w.k' },
    rows: 't.b t.k u.k w.k',
  },
  'a lateral query with a limit': {
    sql: 'select t.a, v.x from silver.t, lateral (select x from silver.u where u.k = t.k order by y limit 1) as v',
    columns: { a: 't.a t.k u.k', x: 't.k u.k u.x u.y' },
    rows: 't.k u.k',
  },
  'a correlated query in a correlated query': {
    sql: 'select (select max(x) from silver.u where u.k = t.k and u.y in (select z from silver.w where w.k = t.b)) as p from silver.t',
    columns: { p: 't.b t.k u.k u.x u.y w.k w.z' },
    rows: 't.b t.k u.k u.y w.k w.z',
  },
  'a recursive CTE that stops by a column': {
    sql: `with recursive r(n, p) as (select 1, a from silver.t union all select n + 1, r.p from r join silver.w on r.n = w.k where w.z < 3 and n < 5)
     select p from r`,
    columns: { p: 't.a w.k w.z' },
    rows: 't.a w.k w.z',
  },
  'a recursive CTE without copies, that another CTE reads twice': {
    sql: `with recursive r(p) as (select k from silver.t union select w.z from r join silver.w on r.p = w.k), v as (select p from r)
     select one.p from v as one join v as two on one.p = two.p`,
    columns: { p: 't.k w.k w.z' },
    rows: 't.k w.k w.z',
  },
  'a recursive CTE that hides a table': {
    sql: 'with recursive t(p) as (select z from silver.w union select p + 1 from t where p < 3) select p from t',
    columns: { p: 'w.z' },
    rows: 'w.z',
  },
  'a CTE in a query that hides one outside': {
    sql: 'with v as (select b as p from silver.t) select (with v as (select max(z) as p from silver.w) select p from v) as q, p from v',
    columns: { q: 'w.z', p: 't.b' },
    rows: '',
  },
  'a CTE that is kept and read twice': {
    sql: 'with v as materialized (select a, b, k from silver.t) select one.a from v as one join v as two on one.k = two.b',
    columns: { a: 't.a t.b t.k' },
    rows: 't.a t.b t.k',
  },
  'a list of an ordered query': {
    sql: 'select list(a) as p from (select a, b from silver.t order by b, k)',
    columns: { p: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'the first of an ordered query': {
    sql: 'select first(a) as p from (select a from silver.t order by b, k)',
    columns: { p: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a text of an ordered CTE': {
    sql: "with v as (select c from silver.t order by b, k) select string_agg(c, '-') as p from v",
    columns: { p: 't.b t.c t.k' },
    rows: 't.b t.k',
  },
  'an array of an ordered query': {
    sql: 'select array(select a from silver.t order by b, k) as p',
    columns: { p: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a query that is a value, of an ordered query': {
    sql: 'select (select a from (select a from silver.t order by b, k) limit 1) as p',
    columns: { p: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a number of rows over an ordered query that is filtered': {
    sql: 'select a from (select a, row_number() over () as place from (select a from silver.t order by b, k)) where place = 2',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'the row before in an ordered query': {
    sql: 'select lag(a) over () as p from (select a from silver.t order by b, k)',
    columns: { p: 't.a t.b t.k' },
    rows: 't.a t.b t.k',
  },
  'an ordered query by place': {
    sql: 'select z, a from silver.w positional join (select a from silver.t order by b, k limit 3)',
    columns: { z: 't.b t.k w.z', a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a limit in percent': {
    sql: 'select a from (select a from silver.t order by b, k) limit 50%',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'an offset over an ordered query': {
    sql: 'select a from (select a from silver.t order by b, k) offset 2',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a distinct query of which a column is left out': {
    sql: 'select a from (select distinct a, b from silver.t)',
    columns: { a: 't.a t.b' },
    rows: 't.a t.b',
  },
  'a union of which a column is left out': {
    sql: 'select a from (select a, b from silver.t union select x, y from silver.u)',
    columns: { a: 't.a t.b u.x u.y' },
    rows: 't.a t.b u.x u.y',
  },
  'an intersect of which a column is left out': {
    sql: 'select a from (select a, b from silver.t intersect select x, y from silver.u)',
    columns: { a: 't.a t.b u.x u.y' },
    rows: 't.a t.b u.x u.y',
  },
  'an except of which a column is left out': {
    sql: 'select a from (select a, b from silver.t except select x, y from silver.u)',
    columns: { a: 't.a t.b u.x u.y' },
    rows: 't.a t.b u.x u.y',
  },
  'a mark join in a select': {
    sql: 'select a, b in (select z from silver.w) or true as p from silver.t',
    columns: { a: 't.a t.b w.z', p: 't.b w.z' },
    rows: 't.b w.z',
  },
  'an order by that a limit of all keeps': {
    sql: 'select a from silver.t order by b, k limit all',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a recursive CTE using key': {
    sql: 'with recursive r(p, q, n) using key (p) as (select k, a, 0 from silver.t union (select r.p, w.z, n + 1 from r join silver.w on r.p = w.k where r.q < 3 and n < 3)) select q from r',
    columns: { q: 't.a t.k w.k w.z' },
    rows: 't.a t.k w.k w.z',
  },
  'a cast that may fail': {
    sql: 'select try_cast(c as integer) as p, try(a / b) as q from silver.t',
    columns: { p: 't.c', q: 't.a t.b' },
    rows: '',
  },
  'a row as condition': {
    sql: 'select a from silver.t where (b, k) = (5, 1) or (b, k) in (select z, k from silver.w)',
    columns: { a: 't.a t.b t.k w.k w.z' },
    rows: 't.b t.k w.k w.z',
  },
  'a lambda that sees a column': {
    sql: 'select list_filter(l, lambda n: n > b) as p from silver.t',
    columns: { p: 't.b t.l' },
    rows: '',
  },
  'an anti join of a query with a limit': {
    sql: 'select a from silver.t anti join (select z from silver.w order by k limit 1) as v on t.b = v.z',
    columns: { a: 't.a t.b w.k w.z' },
    rows: 't.b w.k w.z',
  },
  'a dense rank': {
    sql: 'select dense_rank() over (order by b desc) as p from silver.t',
    columns: { p: 't.b' },
    rows: 't.b',
  },
  'first value of a struct': {
    sql: "select first({'p': a, 'q': b} order by k, b).p as r from silver.t",
    columns: { r: 't.a t.b t.k' },
    rows: '',
  },
  'a limit over an order by all': {
    sql: 'select a, c from silver.t order by all limit 1',
    columns: { a: 't.a t.c', c: 't.a t.c' },
    rows: 't.a t.c',
  },
  'an offset by a query': {
    sql: 'select a from silver.t order by k, b offset (select min(z) from silver.w)',
    columns: { a: 't.a t.b t.k w.z' },
    rows: 't.b t.k w.z',
  },
};

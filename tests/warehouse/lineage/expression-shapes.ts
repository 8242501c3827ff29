import type { Shape } from './shape.js';

/** Shapes of groups, windows and expressions by what they are called. All of them run. */
export const EXPRESSION_SHAPES: Readonly<Record<string, Shape>> = {
  'groups and aggregates': {
    sql: `select c, count(*) as rows, sum(a) as sum, count(*) filter (where b > 1) as some, max(a order by k) as last
      from silver.t group by c having min(b) < 100`,
    columns: { c: 't.b t.c', rows: 't.b t.c', sum: 't.a t.b t.c', some: 't.b t.c', last: 't.a t.b t.c t.k' },
    rows: 't.b t.c',
  },
  'groups by place': {
    sql: 'select b as p, count(*) as rows from silver.t group by 1',
    columns: { p: 't.b', rows: 't.b' },
    rows: 't.b',
  },
  'groups by all': {
    sql: 'select b as p, count(*) as rows from silver.t group by all',
    columns: { p: 't.b', rows: 't.b' },
    rows: 't.b',
  },
  'grouping sets': {
    sql: 'select c, sum(a) as sum, grouping(c) as level from silver.t group by grouping sets ((c), (b))',
    columns: { c: 't.b t.c', sum: 't.a t.b t.c', level: 't.b t.c' },
    rows: 't.b t.c',
  },
  'a window': {
    sql: 'select sum(a) over (partition by c order by b, k rows between 1 preceding and current row) as sum from silver.t',
    columns: { sum: 't.a t.b t.c t.k' },
    rows: 't.a t.b t.c t.k',
  },
  'a window with a name': {
    sql: 'select row_number() over w as place, lag(a) over w as before from silver.t window w as (order by k, b)',
    columns: { place: 't.a t.b t.k', before: 't.a t.b t.k' },
    rows: 't.a t.b t.k',
  },
  qualify: {
    sql: 'select a from silver.t qualify row_number() over (partition by c order by b, k) = 1',
    columns: { a: 't.a t.b t.c t.k' },
    rows: 't.b t.c t.k',
  },
  'a limit': {
    sql: 'select a from silver.t order by b, k limit 2',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'distinct, and distinct on': {
    sql: 'select p from (select distinct on (c) a as p, b from silver.t order by c, k, b) union all select distinct z from silver.w',
    columns: { p: 't.a t.b t.c t.k w.z' },
    rows: 't.a t.b t.c t.k w.z',
  },
  case: {
    sql: "select case when a > 1 then c when b > 1 then 'b' else 'k' || k end as p, if(a > 1, b, k) as q from silver.t",
    columns: { p: 't.a t.b t.c t.k', q: 't.a t.b t.k' },
    rows: '',
  },
  'operators of every kind': {
    sql: `select a between b and k as p, c like 'x%' as q, a in (1, b) as r, not (a > 1 or k is null) as s,
      coalesce(a, b) as t, cast(a as decimal(18, 2)) as u, try_cast(c as date) as v, a is distinct from b as w,
      c collate nocase as x, nullif(a, b) as y, (a, b) as z from silver.t`,
    columns: {
      p: 't.a t.b t.k',
      q: 't.c',
      r: 't.a t.b',
      s: 't.a t.k',
      t: 't.a t.b',
      u: 't.a',
      v: 't.c',
      w: 't.a t.b',
      x: 't.c',
      y: 't.a t.b',
      z: 't.a t.b',
    },
    rows: '',
  },
  'functions of dates and texts': {
    sql: `select extract(year from date '2020-01-01' + a) as p, printf('%d', b) as q,
      regexp_extract(c, '(.)', 1) as r, date '2020-01-01' + to_days(k) as s from silver.t`,
    columns: { p: 't.a', q: 't.b', r: 't.c', s: 't.k' },
    rows: '',
  },
  'fields of a struct': {
    sql: "select o.f as p, t.o.g as q, (o).f as r, struct_extract(o, 'g') as s, {'x': a}.x as u from silver.t",
    columns: { p: 't.o', q: 't.o', r: 't.o', s: 't.o', u: 't.a' },
    rows: '',
  },
  'a whole row': {
    sql: 'select v as row, v.z as z from silver.w as v',
    columns: { row: 'w.k w.z', z: 'w.z' },
    rows: '',
  },
  'fields of a struct that is made': {
    sql: "select made.p as q from (select {'p': a, 'r': b} as made from silver.t)",
    columns: { q: 't.a t.b' },
    rows: '',
  },
  'lists, slices and lambdas': {
    sql: `select l[1] as p, l[1:2] as q, list_transform(l, lambda e: e + a) as r, [e * b for e in l if e > k] as s,
      list_reduce(l, lambda m, n: m + n) as t, list_filter(l, lambda b: b > 1) as u from silver.t`,
    columns: { p: 't.l', q: 't.l', r: 't.a t.l', s: 't.b t.k t.l', t: 't.l', u: 't.l' },
    rows: '',
  },
  'the arrow of JSON, which looks like a lambda': {
    sql: `select ('{"p":"' || c || '"}')::json -> '$.p' as p from silver.t`,
    columns: { p: 't.c' },
    rows: '',
  },
  'the arrow of JSON on a column that has no name of its own': {
    sql: `select "to_json(c)" -> '$' as p from (select to_json(c), a from silver.t)`,
    columns: { p: 't.c' },
    rows: '',
  },
  'the arrow of JSON on a name that is no column, as an argument': {
    sql: `select concat('x', "to_json(c)" -> '$') as p from (select to_json(c), a from silver.t)`,
    columns: { p: 't.c' },
    rows: '',
  },
  'the text of an expression as a name, beside an alias and an outer column that bear it': {
    sql: `select 'x' as "max(c)", "max(c)" as p, (select "max(c)" from (select max(c) from silver.u)) as q
      from (select max(c) from silver.t)`,
    columns: { 'max(c)': '', p: 't.c', q: 'u.c' },
    rows: '',
  },
  'a column by its place, whose name a query shows': {
    sql: "select 'x' as a, a as p from (select #1 from silver.t)",
    columns: { a: '', p: 't.a' },
    rows: '',
  },
  'an element a row': {
    sql: 'select unnest(l) as e, a from silver.t',
    columns: { e: 't.l', a: 't.a t.l' },
    rows: 't.l',
  },
  'fields of a struct as columns, by their places': {
    sql: 'select r as p from (select unlist(o), a, b from silver.t) as v(p, q, r, s)',
    columns: { p: 't.a' },
    rows: '',
  },
  'a table of elements': {
    sql: 'select e, a from silver.t, unnest(t.l) as v(e)',
    columns: { e: 't.l', a: 't.a t.l' },
    rows: 't.l',
  },
  'a query that is a value': {
    sql: 'select a, (select max(x) from silver.u where u.k = t.k and u.y > 0) as p from silver.t',
    columns: { a: 't.a t.k u.k u.y', p: 't.k u.k u.x u.y' },
    rows: 't.k u.k u.y',
  },
  'exists, in, and any of a query, as values': {
    sql: `select exists (select 1 from silver.u where u.k = t.k) as p, a in (select x from silver.u) as q,
      b > all (select z from silver.w) as r from silver.t`,
    columns: { p: 't.a t.b t.k u.k u.x w.z', q: 't.a t.b t.k u.k u.x w.z', r: 't.a t.b t.k u.k u.x w.z' },
    rows: 't.a t.b t.k u.k u.x w.z',
  },
  'exists and in as filters': {
    sql: 'select a from silver.t where exists (from silver.u where u.k = t.k) and b in (select z from silver.w)',
    columns: { a: 't.a t.b t.k u.k w.z' },
    rows: 't.b t.k u.k w.z',
  },
  'a query in a query in a query, that sees the outermost': {
    sql: 'select (select (select t.a + w.z from silver.w order by w.z limit 1) + max(u.x) from silver.u) as p from silver.t',
    columns: { p: 't.a u.x w.z' },
    rows: 't.a',
  },
  'a column of an inner table that hides an outer one': {
    sql: 'select (select max(c) from silver.u) as p from silver.t',
    columns: { p: 'u.c' },
    rows: '',
  },
  values: {
    sql: "select v.p, q from (values (1, 'x'), (2, 'y')) as v(p, q)",
    columns: { p: '', q: '' },
    rows: '',
  },
  'values of columns': {
    sql: 'select t.a, v.p, v.q from silver.t, (values (t.b, 1), (t.k, 2)) as v(p, q)',
    columns: { a: 't.a t.b t.k', p: 't.b t.k', q: 't.b t.k' },
    rows: 't.b t.k',
  },
  'no table at all': { sql: 'select 1 as one', columns: { one: '' }, rows: '' },
  'a pivot': {
    sql: 'select c, p, q from silver.t pivot (sum(a) for k in (1 as p, 2 as q) group by c)',
    columns: { c: 't.c', p: 't.a t.c t.k', q: 't.a t.c t.k' },
    rows: 't.c',
  },
  'a pivot whose groups are not said': {
    sql: 'select x, one from (select c, x, k from silver.u) pivot (count(*) for k in (1 as one))',
    columns: { x: 'u.c u.x', one: 'u.c u.k u.x' },
    rows: 'u.c u.x',
  },
  'an unpivot': {
    sql: 'select k, name, value from (select k, x, y from silver.u) unpivot (value for name in (x, y))',
    columns: { k: 'u.k u.x u.y', name: 'u.x u.y', value: 'u.x u.y' },
    rows: 'u.x u.y',
  },
  'a place in place of a name': { sql: 'select #2 as p from silver.w', columns: { p: 'w.k' }, rows: '' },
  'the clock, which is made of no column': {
    sql: 'select (select current_date from silver.u limit 1) as p from silver.w',
    columns: { p: '' },
    rows: '',
  },
  'the text of an expression as a name': {
    sql: 'select "max(z)" as p from (select max(z), k from silver.w group by k)',
    columns: { p: 'w.k w.z' },
    rows: 'w.k',
  },
  'an order within an aggregate': {
    sql: `select mode() within group (order by a) as p, percentile_cont(0.5) within group (order by b) as q,
      string_agg(c, '-' order by k, b) as r from silver.t`,
    columns: { p: 't.a', q: 't.b', r: 't.b t.c t.k' },
    rows: '',
  },
  'a limit by an aggregate': {
    sql: 'select c from silver.t group by c order by max(b) desc limit 1',
    columns: { c: 't.b t.c' },
    rows: 't.b t.c',
  },
  'a list of a query, and several columns as one argument': {
    sql: "select array(select x from silver.u order by y, x) as p, coalesce(*columns('^(a|b)$')) as q from silver.t",
    columns: { p: 'u.x u.y', q: 't.a t.b u.x u.y' },
    rows: 'u.x u.y',
  },
  'fields of a struct as columns, by name': {
    sql: 'select f, g + 1 as h from (select unnest(o) from silver.t)',
    columns: { f: 't.o', h: 't.o' },
    rows: '',
  },
};

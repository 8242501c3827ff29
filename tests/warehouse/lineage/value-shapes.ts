import type { Shape } from './shape.js';

/** Shapes of nested values, windows, groups and columns by a pattern. All of them run. */
export const VALUE_SHAPES: Readonly<Record<string, Shape>> = {
  'structs in structs': {
    sql: "select {'p': {'q': a, 'r': b}}.p.r as p, struct_pack(x := k).x as q from silver.t",
    columns: { p: 't.a t.b', q: 't.k' },
    rows: '',
  },
  'a list of structs': {
    sql: "select list({'p': a, 'q': b} order by k, b)[1].q as p from silver.t",
    columns: { p: 't.a t.b t.k' },
    rows: '',
  },
  'a map': {
    sql: 'select map([c], [b])[c] as p, map_keys(map([k], [a])) as q from silver.t',
    columns: { p: 't.b t.c', q: 't.a t.k' },
    rows: '',
  },
  'an element by a column': {
    sql: 'select l[k] as p, list_contains(l, b) as q, len(l) as r from silver.t',
    columns: { p: 't.k t.l', q: 't.b t.l', r: 't.l' },
    rows: '',
  },
  'an unnest of a struct and a list in from': {
    sql: 'select v.e from silver.t, unnest(list_transform(t.l, lambda n: n + t.b)) as v(e)',
    columns: { e: 't.b t.l' },
    rows: 't.b t.l',
  },
  'an unnest to the ground': {
    sql: 'select unnest([l, [b]], recursive := true) as p from silver.t',
    columns: { p: 't.b t.l' },
    rows: 't.b t.l',
  },
  'values that are queries': {
    sql: 'select p from (values ((select max(b) from silver.t)), ((select max(z) from silver.w))) as v(p)',
    columns: { p: 't.b w.z' },
    rows: 't.b w.z',
  },
  'frames of a window by values': {
    sql: 'select sum(a) over (order by b range between k preceding and current row) as p from silver.t',
    columns: { p: 't.a t.b t.k' },
    rows: 't.a t.b t.k',
  },
  'windows that skip values': {
    sql: 'select last_value(a ignore nulls) over (partition by c order by b, k rows unbounded preceding) as p from silver.t',
    columns: { p: 't.a t.b t.c t.k' },
    rows: 't.a t.b t.c t.k',
  },
  'a filter on a window in a CTE': {
    sql: 'with v as (select a, ntile(2) over (order by b, k) as half from silver.t) select a from v where half = 1',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a window over groups': {
    sql: 'select c, rank() over (order by sum(b)) as place from silver.t group by c',
    columns: { c: 't.b t.c', place: 't.b t.c' },
    rows: 't.b t.c',
  },
  'cube and rollup': {
    sql: 'select c, k, count(*) as n from silver.t group by cube (c, k)',
    columns: { c: 't.c t.k', k: 't.c t.k', n: 't.c t.k' },
    rows: 't.c t.k',
  },
  'a group by an alias': {
    sql: 'select b // 2 as half, count(*) as n from silver.t group by half',
    columns: { half: 't.b', n: 't.b' },
    rows: 't.b',
  },
  'an order by an aggregate, with a limit over a union': {
    sql: '(select c from silver.t group by c order by max(b) desc limit 1) union all (select c from silver.u order by y limit 1)',
    columns: { c: 't.b t.c u.c u.y' },
    rows: 't.b t.c u.c u.y',
  },
  'an argument at the least': {
    sql: 'select arg_min(a, b) as p, max_by(c, k + b) as q from silver.t',
    columns: { p: 't.a t.b', q: 't.b t.c t.k' },
    rows: '',
  },
  'a summary of columns': {
    sql: 'select column_name, max from (summarize silver.w)',
    columns: { column_name: 'w.k w.z', max: 'w.k w.z' },
    rows: 'w.k w.z',
  },
  'a description of a table': {
    sql: 'select column_name from (describe silver.w)',
    columns: { column_name: '' },
    rows: '',
  },
  'all columns but one, and one of another making': {
    sql: 'select * exclude (l, o) replace (b + k as a) from silver.t',
    columns: { a: 't.b t.k', b: 't.b', c: 't.c', k: 't.k' },
    rows: '',
  },
  'columns by a lambda': {
    sql: "select columns(lambda name: name in ('x', 'y')) + 1 from silver.u",
    columns: { x: 'u.x', y: 'u.y' },
    rows: '',
  },
  'an unpivot with names': {
    sql: 'select name, value from (select x, y from silver.u) unpivot (value for name in (x as one, y as two))',
    columns: { name: 'u.x u.y', value: 'u.x u.y' },
    rows: 'u.x u.y',
  },
  'the hash of a row': {
    sql: 'select hash(v) as p, v::varchar as q from silver.w as v',
    columns: { p: 'w.k w.z', q: 'w.k w.z' },
    rows: '',
  },
};

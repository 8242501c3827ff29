import type { Shape } from './shape.js';

/** Shapes of queries by what they are called: names, CTEs, joins, unions. All of them run. */
export const QUERY_SHAPES: Readonly<Record<string, Shape>> = {
  'a column, an alias, an expression, a constant': {
    sql: 'select a, b as bb, a + b * 2 as sum, 7 as seven from silver.t',
    columns: { a: 't.a', bb: 't.b', sum: 't.a t.b', seven: '' },
    rows: '',
  },
  'a name with its table, its schema, in capitals, in quotes': {
    sql: 'select t.a as p, silver.t.b as q, "A" as r, T.K as k from silver.t',
    columns: { p: 't.a', q: 't.b', r: 't.a', k: 't.k' },
    rows: '',
  },
  'a filter': {
    sql: 'select a from silver.t where b > 1 and c is not null',
    columns: { a: 't.a t.b t.c' },
    rows: 't.b t.c',
  },
  'a CTE': {
    sql: 'with one as (select a as p, b from silver.t where k > 0) select p + 1 as q from one where b < 9',
    columns: { q: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a CTE of a CTE, with names for its columns': {
    sql: 'with one(p, q) as (select a, b from silver.t), two as (select q as r from one) select r from two',
    columns: { r: 't.b' },
    rows: '',
  },
  'a CTE within a CTE, and one that hides another of its name': {
    sql: `with one as (select a as p from silver.t), two as (with one as (select x as p from silver.u) select p from one)
      select one.p as here, two.p as there from one cross join two`,
    columns: { here: 't.a', there: 'u.x' },
    rows: '',
  },
  'a CTE that bears the name of a table': {
    sql: 'with t as (select x as a from silver.u) select a from t',
    columns: { a: 'u.x' },
    rows: '',
  },
  'a CTE that is kept': {
    sql: 'with one as materialized (select a from silver.t) select a from one',
    columns: { a: 't.a' },
    rows: 't.a',
  },
  'a recursive CTE': {
    sql: `with recursive chain(node, depth) as (
        select a, 0 from silver.t where b = 1
        union all
        select t.k, chain.depth + 1 from chain join silver.t on t.a = chain.node where chain.depth < 3
      ) select node, depth from chain`,
    columns: { node: 't.a t.b t.k', depth: 't.a t.b t.k' },
    rows: 't.a t.b t.k',
  },
  'a recursive CTE in which columns change places': {
    sql: `with recursive r(p, q, n) as (
        select a, b, 0 from silver.t union all select q, p, n + 1 from r where n < 2
      ) select p from r`,
    columns: { p: 't.a t.b' },
    rows: 't.a t.b',
  },
  'an alias used again, which a column of the table hides in a part': {
    sql: 'select a + 1 as p, p * 2 as q, b as k, k as r from silver.t',
    columns: { p: 't.a', q: 't.a', k: 't.b', r: 't.k' },
    rows: '',
  },
  'a star': { sql: 'select * from silver.u', columns: { k: 'u.k', x: 'u.x', y: 'u.y', c: 'u.c' }, rows: '' },
  'a star of one table': {
    sql: 'select w.*, x from silver.u join silver.w on u.k = w.k',
    columns: { z: 'u.k w.k w.z', k: 'u.k w.k', x: 'u.k u.x w.k' },
    rows: 'u.k w.k',
  },
  'a star with exclude, replace and rename': {
    sql: 'select * exclude (c) replace (x + y as x) rename (k as key) from silver.u',
    columns: { key: 'u.k', x: 'u.x u.y', y: 'u.y' },
    rows: '',
  },
  'a star of one table without one of its columns': {
    sql: 'select u.* exclude (u.x) from silver.u',
    columns: { k: 'u.k', y: 'u.y', c: 'u.c' },
    rows: '',
  },
  'a star over a join by using': {
    sql: 'select * from silver.u join silver.w using (k)',
    columns: { k: 'u.k w.k', x: 'u.k u.x w.k', y: 'u.k u.y w.k', c: 'u.c u.k w.k', z: 'u.k w.k w.z' },
    rows: 'u.k w.k',
  },
  'a table without a select': { sql: 'from silver.w', columns: { z: 'w.z', k: 'w.k' }, rows: '' },
  'columns by a pattern': {
    sql: "select columns('^(x|y)$') from silver.u",
    columns: { x: 'u.x', y: 'u.y' },
    rows: '',
  },
  'a function of columns by a pattern': {
    sql: "select max(columns('^(x|y)$')) from silver.u",
    columns: { x: 'u.x', y: 'u.y' },
    rows: '',
  },
  'a join by on': {
    sql: 'select a, x from silver.t join silver.u on t.k = u.k',
    columns: { a: 't.a t.k u.k', x: 't.k u.k u.x' },
    rows: 't.k u.k',
  },
  'a join by using, whose column is of both': {
    sql: 'select k, a from silver.t left join silver.u using (k)',
    columns: { k: 't.k u.k', a: 't.a t.k u.k' },
    rows: 't.k u.k',
  },
  'a natural join': {
    sql: 'select z, x from silver.u natural join silver.w',
    columns: { z: 'u.k w.k w.z', x: 'u.k u.x w.k' },
    rows: 'u.k w.k',
  },
  'a semi join': {
    sql: 'select * from silver.w semi join silver.u using (k)',
    columns: { z: 'u.k w.k w.z', k: 'u.k w.k' },
    rows: 'u.k w.k',
  },
  'an anti join on a query': {
    sql: 'select z from silver.w anti join (select k from silver.u where y > 1) as v on w.k = v.k',
    columns: { z: 'u.k u.y w.k w.z' },
    rows: 'u.k u.y w.k',
  },
  'an asof join': {
    sql: 'select a, y from silver.t asof left join silver.u on t.a >= u.x',
    columns: { a: 't.a u.x', y: 't.a u.x u.y' },
    rows: 't.a u.x',
  },
  'tables beside each other': {
    sql: 'select a, z from silver.t, silver.w where t.k = w.k',
    columns: { a: 't.a t.k w.k', z: 't.k w.k w.z' },
    rows: 't.k w.k',
  },
  'a table joined with itself': {
    sql: 'select one.a as p, two.b as q from silver.t as one join silver.t as two on one.k = two.a',
    columns: { p: 't.a t.k', q: 't.a t.b t.k' },
    rows: 't.a t.k',
  },
  'names of columns for a table': {
    sql: 'select v.p, q from silver.w as v(p, q)',
    columns: { p: 'w.z', q: 'w.k' },
    rows: '',
  },
  'a query in from': {
    sql: "select p from (select a as p, b from silver.t where c = 'x') where b > 0",
    columns: { p: 't.a t.b t.c' },
    rows: 't.b t.c',
  },
  'a lateral query, said to be one or not': {
    sql: 'select p, q from silver.t, lateral (select t.a + 1 as p) as one, (select t.b + one.p as q) as two',
    columns: { p: 't.a t.b', q: 't.a t.b' },
    rows: 't.a t.b',
  },
  'a union by place': {
    sql: 'select a as p, b as q from silver.t union all select x, y from silver.u',
    columns: { p: 't.a u.x', q: 't.b u.y' },
    rows: 't.a u.x',
  },
  'a union without copies': {
    sql: 'select a as p from silver.t union select x from silver.u',
    columns: { p: 't.a u.x' },
    rows: 't.a u.x',
  },
  'a union by name': {
    sql: 'select a as p, b as q from silver.t union all by name select y as q, x as r from silver.u',
    columns: { p: 't.a', q: 't.b u.y', r: 'u.x' },
    rows: 't.a',
  },
  'a union of three, with an order': {
    sql: 'select a as p from silver.t union all select x from silver.u union all select z from silver.w order by p limit 4',
    columns: { p: 't.a u.x w.z' },
    rows: 't.a u.x w.z',
  },
  'a union with columns by a pattern': {
    sql: "select columns('^(a|b)$') from silver.t union all select x, y from silver.u",
    columns: { a: 't.a u.x', b: 't.b u.y' },
    rows: 't.a u.x',
  },
  except: {
    sql: 'select k from silver.t except select k from silver.u',
    columns: { k: 't.k u.k' },
    rows: 't.k u.k',
  },
  'the front of a name that is given before what it names': {
    sql: 'select p: v.a, q: b from v: silver.t',
    columns: { p: 't.a', q: 't.b' },
    rows: '',
  },
  'a name that two columns of a query have': {
    sql: 'with v as (select a as p, b as p from silver.t) select p, p_1 from v',
    columns: { p: 't.a', p_1: 't.b' },
    rows: '',
  },
  'a name that is given to several columns, and one that DuckDB makes of it': {
    sql: 'select p, p_1, p_1_1 from (select a as p, b as p, k as p_1 from silver.t)',
    columns: { p: 't.a', p_1: 't.b', p_1_1: 't.k' },
    rows: '',
  },
  'a union by name of a column that has none': {
    sql: `select p from (select '1' as "max(c)" union all by name select max(c) from silver.t) as v(p)`,
    columns: { p: 't.c' },
    rows: 't.c',
  },
  'a column that three tables share': {
    sql: 'select k, t.k as own, z from silver.t full join silver.u using (k) left join silver.w using (k)',
    columns: { k: 't.k u.k w.k', own: 't.k u.k w.k', z: 't.k u.k w.k w.z' },
    rows: 't.k u.k w.k',
  },
  'a star of a struct': { sql: 'select o.* from silver.t', columns: { f: 't.o', g: 't.o' }, rows: '' },
  'two tables by place': {
    sql: 'select z, x from silver.w positional join silver.u',
    columns: { z: 'w.z', x: 'u.x' },
    rows: '',
  },
};

import type { Shape } from './shape.js';

const T = 't.a t.b t.c t.k t.l t.o';
const U = 'u.c u.k u.x u.y';

/** Shapes of queries by what they are called: names, CTEs, joins, unions. All of them run. */
export const QUERY_SHAPES: Readonly<Record<string, Shape>> = {
  'a column, an alias, an expression, a constant': {
    sql: 'select a, b as bb, a + b * 2 as sum, 7 as seven from s.t',
    columns: { a: 't.a', bb: 't.b', sum: 't.a t.b', seven: '' },
    rows: '',
  },
  'a name with its table, its schema, in capitals, in quotes': {
    sql: 'select t.a as p, s.t.b as q, "A" as r, T.K as k from s.t',
    columns: { p: 't.a', q: 't.b', r: 't.a', k: 't.k' },
    rows: '',
  },
  'a filter': {
    sql: 'select a from s.t where b > 1 and c is not null',
    columns: { a: 't.a' },
    rows: 't.b t.c',
  },
  'a CTE': {
    sql: 'with one as (select a as p, b from s.t where k > 0) select p + 1 as q from one where b < 9',
    columns: { q: 't.a' },
    rows: 't.b t.k',
  },
  'a CTE of a CTE, with names for its columns': {
    sql: 'with one(p, q) as (select a, b from s.t), two as (select q as r from one) select r from two',
    columns: { r: 't.b' },
    rows: '',
  },
  'a CTE within a CTE, and one that hides another of its name': {
    sql: `with one as (select a as p from s.t), two as (with one as (select x as p from s.u) select p from one)
      select one.p as here, two.p as there from one cross join two`,
    columns: { here: 't.a', there: 'u.x' },
    rows: '',
  },
  'a CTE that bears the name of a table': {
    sql: 'with t as (select x as a from s.u) select a from t',
    columns: { a: 'u.x' },
    rows: '',
  },
  'a CTE that is kept': {
    sql: 'with one as materialized (select a from s.t) select a from one',
    columns: { a: 't.a' },
    rows: '',
  },
  'a recursive CTE': {
    sql: `with recursive chain(node, depth) as (
        select a, 0 from s.t where b = 1
        union all
        select t.k, chain.depth + 1 from chain join s.t on t.a = chain.node where chain.depth < 3
      ) select node, depth from chain`,
    columns: { node: 't.a t.k', depth: '' },
    rows: 't.a t.b t.k',
  },
  'a recursive CTE in which columns change places': {
    sql: `with recursive r(p, q, n) as (
        select a, b, 0 from s.t union all select q, p, n + 1 from r where n < 2
      ) select p from r`,
    columns: { p: 't.a t.b' },
    rows: 't.a t.b',
  },
  'an alias used again, which a column of the table hides in a part': {
    sql: 'select a + 1 as p, p * 2 as q, b as k, k as r from s.t',
    columns: { p: 't.a', q: 't.a', k: 't.b', r: 't.b t.k' },
    rows: '',
  },
  'a star': {
    sql: 'select * from s.u',
    columns: { k: 'u.k', x: 'u.x', y: 'u.y', c: 'u.c' },
    rows: '',
  },
  'a star of one table': {
    sql: 'select w.*, x from s.u join s.w on u.k = w.k',
    columns: { z: 'w.z', k: 'w.k', x: 'u.x' },
    rows: 'u.k w.k',
  },
  'a star with exclude, replace and rename': {
    sql: 'select * exclude (c) replace (x + y as x) rename (k as key) from s.u',
    columns: { key: 'u.k', x: 'u.x u.y', y: 'u.y' },
    rows: '',
  },
  'a star with an exclude by table': {
    sql: 'select u.* exclude (u.x) from s.u',
    columns: { '*': U },
    rows: '',
  },
  'a star over a join by using': {
    sql: 'select * from s.u join s.w using (k)',
    columns: { k: 'u.k w.k', x: 'u.x', y: 'u.y', c: 'u.c', z: 'w.z' },
    rows: 'u.k w.k',
  },
  'a table without a select': { sql: 'from s.w', columns: { z: 'w.z', k: 'w.k' }, rows: '' },
  'columns by a pattern': {
    sql: "select columns('^(x|y)$') from s.u",
    columns: { '*': U },
    rows: '',
  },
  'a function of columns by a pattern': {
    sql: "select max(columns('^(x|y)$')) from s.u",
    columns: { '*': U },
    rows: '',
  },
  'a join by on': {
    sql: 'select a, x from s.t join s.u on t.k = u.k',
    columns: { a: 't.a', x: 'u.x' },
    rows: 't.k u.k',
  },
  'a join by using, whose column is of both': {
    sql: 'select k, a from s.t left join s.u using (k)',
    columns: { k: 't.k u.k', a: 't.a' },
    rows: 't.k u.k',
  },
  'a natural join': {
    sql: 'select z, x from s.u natural join s.w',
    columns: { z: 'w.z', x: 'u.x' },
    rows: 'u.k w.k',
  },
  'a semi join': {
    sql: 'select * from s.w semi join s.u using (k)',
    columns: { z: 'w.z', k: 'w.k' },
    rows: 'u.k w.k',
  },
  'an anti join on a query': {
    sql: 'select z from s.w anti join (select k from s.u where y > 1) as v on w.k = v.k',
    columns: { z: 'w.z' },
    rows: 'u.k u.y w.k',
  },
  'an asof join': {
    sql: 'select a, y from s.t asof left join s.u on t.a >= u.x',
    columns: { a: 't.a', y: 'u.y' },
    rows: 't.a u.x',
  },
  'tables beside each other': {
    sql: 'select a, z from s.t, s.w where t.k = w.k',
    columns: { a: 't.a', z: 'w.z' },
    rows: 't.k w.k',
  },
  'a table joined with itself': {
    sql: 'select one.a as p, two.b as q from s.t as one join s.t as two on one.k = two.a',
    columns: { p: 't.a', q: 't.b' },
    rows: 't.a t.k',
  },
  'names of columns for a table': {
    sql: 'select v.p, q from s.w as v(p, q)',
    columns: { p: 'w.z', q: 'w.k' },
    rows: '',
  },
  'a query in from': {
    sql: "select p from (select a as p, b from s.t where c = 'x') where b > 0",
    columns: { p: 't.a' },
    rows: 't.b t.c',
  },
  'a lateral query, said to be one or not': {
    sql: `select p, q from s.t, lateral (select t.a + 1 as p) as one, (select t.b + one.p as q) as two`,
    columns: { p: 't.a', q: 't.a t.b' },
    rows: '',
  },
  'a union by place': {
    sql: 'select a as p, b as q from s.t union all select x, y from s.u',
    columns: { p: 't.a u.x', q: 't.b u.y' },
    rows: '',
  },
  'a union without copies': {
    sql: 'select a as p from s.t union select x from s.u',
    columns: { p: 't.a u.x' },
    rows: 't.a u.x',
  },
  'a union by name': {
    sql: 'select a as p, b as q from s.t union all by name select y as q, x as r from s.u',
    columns: { p: 't.a', q: 't.b u.y', r: 'u.x' },
    rows: '',
  },
  'a union of three, with an order': {
    sql: 'select a as p from s.t union all select x from s.u union all select z from s.w order by p limit 4',
    columns: { p: 't.a u.x w.z' },
    rows: 't.a u.x w.z',
  },
  'a union with columns that cannot be listed': {
    sql: "select columns('^(a|b)$') from s.t union all select x, y from s.u",
    columns: { '*': `${T} u.x u.y` },
    rows: '',
  },
  except: {
    sql: 'select k from s.t except select k from s.u',
    columns: { k: 't.k u.k' },
    rows: 't.k u.k',
  },
  'the front of a name that is given before what it names': {
    sql: 'select p: v.a, q: b from v: s.t',
    columns: { p: 't.a', q: 't.b' },
    rows: '',
  },
  'a name that two columns of a query have': {
    sql: 'with v as (select a as p, b as p from s.t) select p, p_1 from v',
    columns: { p: 't.a t.b', p_1: 't.a t.b' },
    rows: '',
  },
  'a name that is given to several columns, and one that DuckDB makes of it': {
    sql: 'select p, p_1, p_1_1 from (select a as p, b as p, k as p_1 from s.t)',
    columns: { p: 't.a t.b', p_1: 't.a t.b t.k', p_1_1: 't.a t.b t.k' },
    rows: '',
  },
  'a union by name of a column that has none': {
    sql: `select p from (select '1' as "max(c)" union all by name select max(c) from s.t) as v(p)`,
    columns: { p: 't.c' },
    rows: '',
  },
  'a column that three tables share': {
    sql: 'select k, t.k as own, z from s.t full join s.u using (k) left join s.w using (k)',
    columns: { k: 't.k u.k w.k', own: 't.k', z: 'w.z' },
    rows: 't.k u.k w.k',
  },
  'a star of a struct': {
    sql: 'select o.* from s.t',
    columns: { '*': T },
    rows: '',
  },
  'two tables by place': {
    sql: 'select z, x from s.w positional join s.u',
    columns: { z: 'w.z', x: 'u.x' },
    rows: '',
  },
};

import type { Shape } from './shape.js';

/** Shapes that folding would change: of constants, which DuckDB could do when it plans, and of letters in names. */
export const FOLDED_SHAPES: Readonly<Record<string, Shape>> = {
  'a filter that a literal makes always true': {
    sql: 'select a from silver.t where b > 1 or true',
    columns: { a: 't.a t.b' },
    rows: 't.b',
  },
  'a filter that a setting makes always false': {
    sql: "select a from silver.t where b > 1 and current_setting('TimeZone') = 'x'",
    columns: { a: 't.a t.b' },
    rows: 't.b',
  },
  'a filter that the version makes always false': {
    sql: "select a, b from silver.t where version() = 'x'",
    columns: { a: 't.a', b: 't.b' },
    rows: '',
  },
  'a filter that the clock makes always false': {
    sql: "select a, b from silver.t where current_date < date '2020-01-01'",
    columns: { a: 't.a', b: 't.b' },
    rows: '',
  },
  'a filter that is false': {
    sql: 'select a, b from silver.t where false',
    columns: { a: 't.a', b: 't.b' },
    rows: '',
  },
  'a case that a literal decides': {
    sql: 'select case when 1 = 2 then a else b end as p, if(false, k, 0) as q from silver.t',
    columns: { p: 't.a t.b', q: 't.k' },
    rows: '',
  },
  'a case that the version decides': {
    sql: "select case when version() = 'x' then a end as p from silver.t",
    columns: { p: 't.a' },
    rows: '',
  },
  'a case that a setting decides': {
    sql: "select case when current_setting('TimeZone') = 'x' then b else 0 end as p from silver.t",
    columns: { p: 't.b' },
    rows: '',
  },
  'a case that the clock decides': {
    sql: "select case when current_date < date '2020-01-01' then b else 0 end as p from silver.t",
    columns: { p: 't.b' },
    rows: '',
  },
  'a coalesce that a literal ends': {
    sql: "select coalesce('x', c) as p, coalesce(1, a, b) as q from silver.t",
    columns: { p: 't.c', q: 't.a t.b' },
    rows: '',
  },
  'a join that a setting never makes': {
    sql: "select t.a, u.x from silver.t left join silver.u on version() = 'x'",
    columns: { a: 't.a', x: 'u.x' },
    rows: '',
  },
  'a join that a literal never makes': {
    sql: 'select t.a, u.x from silver.t left join silver.u on false',
    columns: { a: 't.a', x: 'u.x' },
    rows: '',
  },
  'a semi join by a setting': {
    sql: "select t.a from silver.t where exists (select 1 from silver.u where version() = 'x' and u.k = t.k)",
    columns: { a: 't.a t.k u.k' },
    rows: 't.k u.k',
  },
  'a union whose side a setting empties': {
    sql: "select a from silver.t union all select x from silver.u where version() = 'x'",
    columns: { a: 't.a u.x' },
    rows: 't.a u.x',
  },
  'an except whose side the clock empties': {
    sql: "select k from silver.t except select k from silver.u where current_date < date '2020-01-01'",
    columns: { k: 't.k u.k' },
    rows: 't.k u.k',
  },
  'a limit of nothing': {
    sql: 'select a, b from silver.t limit 0',
    columns: { a: 't.a', b: 't.b' },
    rows: '',
  },
  'an aggregate whose filter a literal empties': {
    sql: 'select count(*) filter (where false) as p, sum(b) filter (where 1 = 2) as q from silver.t',
    columns: { p: '', q: 't.b' },
    rows: '',
  },
  'two CTEs that another folding of letters takes for one': {
    sql: 'with "Ü" as (select b as x from silver.t), "ü" as (select z as x from silver.w) select "Ü".x as p, "ü".x as q from "Ü", "ü"',
    columns: { p: 't.b', q: 'w.z' },
    rows: '',
  },
  'two CTEs that a sign for Kelvin sets apart': {
    sql: 'with "\u212A" as (select b as x from silver.t), k as (select z as x from silver.w) select "\u212A".x as p, k.x as q from "\u212A", k',
    columns: { p: 't.b', q: 'w.z' },
    rows: '',
  },
  'a star without one of two columns that another folding takes for one': {
    sql: 'select * exclude ("ü") from (select b as "Ü", z as "ü" from silver.t, silver.w)',
    columns: { Ü: 't.b' },
    rows: '',
  },
  'a star with one of two columns that another folding takes for one of another making': {
    sql: 'select * replace (1 as "ü") from (select b as "Ü", z as "ü" from silver.t, silver.w)',
    columns: { Ü: 't.b', ü: '' },
    rows: '',
  },
  'a recursive CTE that reads one which another folding takes for it': {
    sql: 'with recursive "ü"(x) as (select z from silver.w), "Ü"(x) as (select b from silver.t union select x from "ü") select x from "Ü"',
    columns: { x: 't.b w.z' },
    rows: 't.b w.z',
  },
  'an inner join that the version never makes': {
    sql: "select t.a from silver.t join silver.u on t.k = u.k and version() = 'x'",
    columns: { a: 't.a t.k u.k' },
    rows: 't.k u.k',
  },
  'an inner join that a literal never makes': {
    sql: 'select t.a from silver.t join silver.u on t.k = u.k and 1 = 2',
    columns: { a: 't.a t.k u.k' },
    rows: 't.k u.k',
  },
  'a having that a setting makes false': {
    sql: "select c from silver.t group by c having max(b) > 1 and current_setting('TimeZone') = 'x'",
    columns: { c: 't.b t.c' },
    rows: 't.b t.c',
  },
  'an in of a query that a literal empties': {
    sql: 'select a from silver.t where b in (select z from silver.w where false)',
    columns: { a: 't.a t.b w.z' },
    rows: 't.b w.z',
  },
  'a not exists of a query that the clock empties': {
    sql: "select a from silver.t where not exists (select 1 from silver.w where w.k = t.b and current_date < date '2000-01-01')",
    columns: { a: 't.a t.b w.k' },
    rows: 't.b w.k',
  },
  'a qualify that a literal makes true': {
    sql: 'select a from silver.t qualify true or row_number() over (order by b, k) = 1',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a table joined with an empty one': {
    sql: 'select t.a, v.z from silver.t cross join (select z from silver.w where 1 = 0) as v',
    columns: { a: 't.a', z: 'w.z' },
    rows: '',
  },
  'a count of values that may be null': {
    sql: 'select count(b) as p, count(distinct b) as q, count(*) as r from silver.t',
    columns: { p: 't.b', q: 't.b', r: '' },
    rows: '',
  },
  'a filter on null': {
    sql: 'select a from silver.t where null and b > 1',
    columns: { a: 't.a t.b' },
    rows: 't.b',
  },
  'an in of a list with a literal': {
    sql: 'select a from silver.t where b in (1, null) or 2 in (2, k)',
    columns: { a: 't.a t.b t.k' },
    rows: 't.b t.k',
  },
  'a case of a constant beside a column': {
    sql: "select case 'x' when 'y' then a when c then b else k end as p from silver.t",
    columns: { p: 't.a t.b t.c t.k' },
    rows: '',
  },
  'groups by sets of which one is empty': {
    sql: 'select count(*) as n from silver.t group by grouping sets ((), (b))',
    columns: { n: 't.b' },
    rows: 't.b',
  },
};

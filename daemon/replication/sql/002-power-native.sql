-- Version 2 where TimescaleDB is not: the power history, its minutes in a partition a month. The other file of version 2
-- gives the same tables, functions and views.
create table voltsafe.power_readings (
  hub text not null,
  origin uuid not null,
  source text not null,
  at timestamptz not null,
  avg_w double precision not null,
  min_w double precision not null,
  max_w double precision not null,
  energy_wh double precision not null,
  voltage double precision,
  samples int not null,
  -- How much of the span was heard: a gap is a gap, never 0.
  covered_s double precision not null,
  estimated boolean not null,
  interactive_w double precision,
  background_w double precision,
  clock_sure boolean not null,
  rev bigint not null,
  primary key (hub, origin, source, at)
) partition by range (at);

-- Minutes of no sensible month: a hub whose clock was never set.
create table voltsafe.power_readings_other partition of voltsafe.power_readings default;

-- Hours and days as the hub rolled them up; days begin at midnight of the hub's time zone.
create table voltsafe.power_rollup (
  resolution text not null check (resolution in ('hour', 'day')),
  hub text not null,
  origin uuid not null,
  source text not null,
  at timestamptz not null,
  avg_w double precision not null,
  min_w double precision not null,
  max_w double precision not null,
  energy_wh double precision not null,
  voltage double precision,
  samples int not null,
  covered_s double precision not null,
  estimated boolean not null,
  interactive_w double precision,
  background_w double precision,
  clock_sure boolean not null,
  rev bigint not null,
  primary key (hub, origin, source, resolution, at)
);

-- Not to_regclass: it remembers that there was none, beyond the wait for a lock.
create function voltsafe.has_power_month(part text) returns boolean
language plpgsql volatile as $$
begin
  return exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'voltsafe' and c.relname = part);
end
$$;

-- Makes the months that hubs are about to write. Owned by who migrated, so that a hub needs no right to create anything.
-- One at a time; the new table is attached, for CREATE ... PARTITION OF would stop every writer.
create function voltsafe.prepare_power_months(months date[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  begins date;
  name text;
  span text;
begin
  for begins in
    select distinct date_trunc('month', m)::date from unnest(months) m
    where m >= date '2020-01-01' and m < (now() + interval '40 days')::date order by 1
  loop
    name := 'power_readings_' || to_char(begins, 'YYYY_MM');
    continue when voltsafe.has_power_month(name);
    perform pg_advisory_xact_lock(7165082, 2);
    continue when voltsafe.has_power_month(name);
    span := format('from (%L) to (%L)', begins || ' 00:00:00+00', (begins + interval '1 month')::date || ' 00:00:00+00');
    execute format('create table voltsafe.%I (like voltsafe.power_readings including all)', name);
    -- What a hub wrote too early, when this month was out of bounds.
    execute format('lock table voltsafe.power_readings_other in access exclusive mode');
    execute format('with early as (delete from voltsafe.power_readings_other where at >= %L and at < %L returning *)
      insert into voltsafe.%I select * from early',
      begins || ' 00:00:00+00', (begins + interval '1 month')::date || ' 00:00:00+00', name);
    execute format('alter table voltsafe.power_readings attach partition voltsafe.%I for values %s', name, span);
  end loop;
end
$$;
revoke all on function voltsafe.prepare_power_months(date[]) from public;

-- Drops whole months; for whoever looks after the database, from cron. TimescaleDB does it by a policy.
create function voltsafe.forget_power_minutes(keep interval default '2 years') returns int
language plpgsql as $$
declare
  part regclass;
  dropped int := 0;
begin
  for part in
    select inhrelid::regclass from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'voltsafe.power_readings'::regclass and relname ~ '^power_readings_\d{4}_\d{2}$'
      and to_date(right(relname, 7), 'YYYY_MM') + interval '1 month' <= now() - keep
  loop
    execute format('drop table %s', part);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$$;
revoke all on function voltsafe.forget_power_minutes(interval) from public;

-- Hours out of minutes, as an operator computes them; the hub's own are in power_rollup.
create view voltsafe.power_hourly as
select hub, origin, source, date_trunc('hour', at, 'UTC') as at,
  sum(avg_w * covered_s) / nullif(sum(covered_s), 0) as avg_w,
  min(min_w) as min_w, max(max_w) as max_w, sum(energy_wh) as energy_wh, sum(covered_s) as covered_s,
  bool_or(estimated) as estimated
from voltsafe.power_readings
group by 1, 2, 3, 4;

insert into voltsafe.schema_version (version, variant) values (2, 'native');

-- Version 2 where TimescaleDB (2.13 or later) is installed in this database, with its community licence: the power history
-- in a hypertable, with the same tables, functions and views as 002-power-native.sql.
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
);
select create_hypertable('voltsafe.power_readings', 'at', chunk_time_interval => interval '7 days');
alter table voltsafe.power_readings set (
  timescaledb.compress,
  timescaledb.compress_segmentby = 'hub, origin, source',
  timescaledb.compress_orderby = 'at desc'
);
-- A hub that was offline for two weeks still finds its chunks as they were.
select add_compression_policy('voltsafe.power_readings', interval '21 days');
select add_retention_policy('voltsafe.power_readings', interval '2 years');

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

-- Chunks come by themselves; there for the hubs, which ask for months on any database.
create function voltsafe.prepare_power_months(months date[]) returns void
language sql as 'select null::void';
revoke all on function voltsafe.prepare_power_months(date[]) from public;

create function voltsafe.forget_power_minutes(keep interval default '2 years') returns int
language sql as $$ select count(*)::int from drop_chunks('voltsafe.power_readings', older_than => keep) $$;
revoke all on function voltsafe.forget_power_minutes(interval) from public;

create materialized view voltsafe.power_hourly
with (timescaledb.continuous, timescaledb.materialized_only = false) as
select hub, origin, source, time_bucket('1 hour', at) as at,
  sum(avg_w * covered_s) / nullif(sum(covered_s), 0) as avg_w,
  min(min_w) as min_w, max(max_w) as max_w, sum(energy_wh) as energy_wh, sum(covered_s) as covered_s,
  bool_or(estimated) as estimated
from voltsafe.power_readings
group by 1, 2, 3, 4
with no data;
-- The last weeks again and again: hubs that were offline come late.
select add_continuous_aggregate_policy('voltsafe.power_hourly',
  start_offset => interval '30 days', end_offset => interval '1 hour', schedule_interval => interval '1 hour');

insert into voltsafe.schema_version (version, variant) values (2, 'timescale');

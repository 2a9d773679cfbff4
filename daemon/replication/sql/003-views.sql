-- Version 3: what a person asks a fleet first. The same names and columns with TimescaleDB and without; numbers are watts,
-- watt-hours and intervals. Who may look: role-reader.sql.
alter table voltsafe.hub add column timezone text;
comment on column voltsafe.hub.timezone is 'Where its days begin; null: not told, or a name that this server does not know.';

-- One name that this server does not know would break the views of all hubs.
create function voltsafe.known_zone(zone text) returns text
language plpgsql stable as $$
begin
  perform now() at time zone zone;
  return zone;
exception when invalid_parameter_value then
  return null;
end
$$;
alter table voltsafe.hub add constraint hub_timezone_known
  check (timezone is null or voltsafe.known_zone(timezone) is not null);

-- A day of a hub. Rounded: where its zone changed, or is not known, midnight is not at midnight.
create function voltsafe.day_of_midnight(at timestamptz, zone text) returns date
language sql stable parallel safe as $$
  select ((at at time zone coalesce(zone, 'UTC')) + interval '12 hours')::date
$$;

-- What is read out of `body` breaks no view, whatever a hub wrote there.
create function voltsafe.watts(body json, key text) returns double precision
language sql immutable parallel safe as $$
  select case when body->>key ~ '^-?\d{1,15}(\.\d{1,25})?$' then (body->>key)::double precision / 1000 end
$$;
create function voltsafe.whole(body json, key text) returns bigint
language sql immutable parallel safe as $$
  select case when body->>key ~ '^-?\d{1,15}$' then (body->>key)::bigint end
$$;
create function voltsafe.moment(text) returns timestamptz
language plpgsql stable parallel safe as $$
begin
  return $1::timestamptz;
exception when others then
  return null;
end
$$;
create function voltsafe.yes(body json, key text) returns boolean
language sql immutable parallel safe as $$
  select case body->>key when 'true' then true when 'false' then false end
$$;

-- Rows of the power history are rarely asked for without their hub; by time over the whole fleet, this is enough and costs
-- the hubs next to nothing.
create index power_rollup_at on voltsafe.power_rollup using brin (at);
create index event_refused on voltsafe.event (hub, at) where kind = 'refused';

create view voltsafe.ledger_start as
select o.origin, o.hub, o.restored_from, o.origin = h.origin as is_current,
  least(coalesce(o.restored_seq, 0), coalesce(c.last_seq, 0)) as copied_seq
from voltsafe.origin o
left join voltsafe.hub h on h.hub = o.hub
left join voltsafe.origin_cursor c on c.origin = o.restored_from
where o.kind = 'ledger';
comment on view voltsafe.ledger_start is
  'A ledger that was restored from a backup begins with the events of the ledger before: those up to copied_seq are here under that origin, too. To count events, take seq > copied_seq.';

create view voltsafe.hubs_twice as
select older.hub, older.kind, older.origin as older_origin, newer.origin as newer_origin, newer.first_seen as since,
  least(older.last_seen, newer.last_seen) as until,
  least(older.last_seen, newer.last_seen) > now() - interval '10 minutes' as is_now
from voltsafe.origin older
join voltsafe.origin newer on newer.hub = older.hub and newer.kind = older.kind
  and (newer.first_seen, newer.origin) > (older.first_seen, older.origin)
where older.last_seen > newer.first_seen;
comment on view voltsafe.hubs_twice is
  'Two hubs under one name: an older ledger (or power history) that was still heard after a newer one had come. Their rows are apart by origin, but a view by hub shows both: give one of them another hub.id, or stop the one that was replaced.';

create view voltsafe.hub_load as
select h.hub, h.name, voltsafe.watts(e.body, 'reservedMw') as reserved_w, p.avg_w as measured_w,
  voltsafe.watts(e.body, 'limitMw') as limit_w,
  voltsafe.watts(e.body, 'limitMw') - voltsafe.watts(e.body, 'reservedMw') as headroom_w,
  e.at, p.at as measured_at, p.estimated as is_estimated, now() - h.last_seen as age,
  exists (select from voltsafe.hubs_twice t where t.hub = h.hub and t.is_now) as is_twice
from voltsafe.hub h
left join voltsafe.origin_cursor c on c.origin = h.origin
left join voltsafe.event e on e.origin = h.origin and e.seq = c.last_seq
left join lateral (
  select newest.* from voltsafe.origin o cross join lateral (
    select r.at, r.avg_w, r.estimated from voltsafe.power_readings r
    where r.hub = h.hub and r.origin = o.origin and r.source = 'house'
      and r.at > now() - interval '1 day' and r.at < now() + interval '1 hour'
    order by r.at desc limit 1
  ) newest
  where o.hub = h.hub and o.kind = 'power' order by newest.at desc limit 1
) p on true;
comment on view voltsafe.hub_load is 'One line a hub: what its house draws and may draw. Of the ledger that it writes now.';
comment on column voltsafe.hub_load.reserved_w is 'What admission counts, as of its last event.';
comment on column voltsafe.hub_load.measured_w is 'The newest minute of the house within a day; hubs tell minutes every 5 minutes.';
comment on column voltsafe.hub_load.headroom_w is 'What may still be switched on: limit_w - reserved_w.';
comment on column voltsafe.hub_load.at is 'Of its last event, by the clock of the hub.';
comment on column voltsafe.hub_load.is_estimated is 'Nothing measures it: rated watts of what is on.';
comment on column voltsafe.hub_load.age is 'Since anything was heard of this hub; a few minutes at most where all is well.';
comment on column voltsafe.hub_load.is_twice is 'Two hubs write under this name: see hubs_twice.';

create view voltsafe.energy_per_day as
with told as (
  select distinct on (r.hub, r.source, r.at) r.hub, r.source, r.at, r.energy_wh, r.covered_s, r.max_w, r.estimated,
    count(*) over (partition by r.hub, r.source, r.at) as origins
  from voltsafe.power_rollup r where r.resolution = 'day'
  order by r.hub, r.source, r.at, r.covered_s desc, r.origin
), dated as (
  select t.*, d.day, (d.day + 1)::timestamp at time zone coalesce(h.timezone, 'UTC') as ends_at
  from told t left join voltsafe.hub h on h.hub = t.hub
  cross join lateral (select voltsafe.day_of_midnight(t.at, h.timezone)) d (day)
)
select d.hub, d.day, d.source,
  case when m.covered_s >= d.covered_s then m.energy_wh else d.energy_wh end as energy_wh,
  case when m.covered_s >= d.covered_s then m.max_w else d.max_w end as max_w,
  case when m.covered_s >= d.covered_s then m.estimated else d.estimated end as is_estimated,
  greatest(m.covered_s, d.covered_s) as covered_s, d.origins, d.at as starts_at
from dated d
left join lateral (
  -- A minute that several files know counts once: the copy of it that heard most. Not asked where one knows the whole day:
  -- after a restore that is every day but a few.
  select sum(one.energy_wh) as energy_wh, sum(one.covered_s) as covered_s, max(one.max_w) as max_w,
    bool_or(one.estimated) as estimated
  from (
    select distinct on (r.at) r.energy_wh, r.covered_s, r.max_w, r.estimated
    from voltsafe.origin o
    join voltsafe.power_readings r on r.hub = d.hub and r.origin = o.origin and r.source = d.source
      and r.at >= d.at and r.at < d.ends_at
    where o.hub = d.hub and o.kind = 'power' and d.origins > 1
      and d.covered_s < extract(epoch from d.ends_at - d.at) - 1
    order by r.at, r.covered_s desc, r.origin
  ) one
) m on true;
comment on view voltsafe.energy_per_day is
  'What each source of a hub used on each of its days, and the house (source = house). Over a large fleet, filter by starts_at: it has an index.';
comment on column voltsafe.energy_per_day.day is 'In the time zone of the hub; a day may have 23 or 25 hours.';
comment on column voltsafe.energy_per_day.source is 'house, circuit:<id> or appliance:<id>; the house includes the others.';
comment on column voltsafe.energy_per_day.is_estimated is 'In part at least: rated watts of what was on, where nothing measures.';
comment on column voltsafe.energy_per_day.covered_s is 'How much of the day was heard, in seconds; what is missing is in no figure.';
comment on column voltsafe.energy_per_day.origins is
  'More than 1: several files of this hub tell of the day (a restore). Put together from minutes, each counted once; where minutes are gone, of the file that knows most.';

create view voltsafe.refusals as
select e.hub, (e.at at time zone coalesce(h.timezone, 'UTC'))::date as day,
  coalesce(e.body->'refusal'->>'code', 'unknown') as code, count(*) as refusals, max(e.at) as last_at,
  (array_agg(e.appliance order by e.at desc, e.seq desc))[1] as last_appliance,
  (array_agg(e.body->'refusal'->>'detail' order by e.at desc, e.seq desc))[1] as last_reason
from voltsafe.event e
join voltsafe.ledger_start s on s.origin = e.origin and e.seq > s.copied_seq
left join voltsafe.hub h on h.hub = e.hub
where e.kind = 'refused'
group by 1, 2, 3;
comment on view voltsafe.refusals is
  'Requests that a hub refused, by its day and by code, with the last of them. A restored ledger counts no event twice.';

create view voltsafe.locks_held as
select l.hub, l.resource, v->>'mode' as mode, v->>'state' as state, v->>'holder' as holder, v->>'principal' as principal,
  voltsafe.whole(v, 'fencing_token') as token, voltsafe.moment(v->>'acquired_at') as since,
  e.at + voltsafe.whole(v, 'expires_in_ms') * interval '1 millisecond' as expires, s.at as as_of, now() - h.last_seen as age
from voltsafe.lock l
join voltsafe.hub h on h.hub = l.hub and h.origin = l.origin
-- A lease, or a resource with all of its leases, as GET /api/locks shows it; one that is only waited for is not held.
cross join lateral json_array_elements(
  case json_typeof(l.view->'holders') when 'array' then l.view->'holders' else json_build_array(l.view) end) v
left join voltsafe.origin_cursor c on c.origin = l.origin
left join voltsafe.event e on e.origin = l.origin and e.seq = l.as_of_seq
left join voltsafe.event s on s.origin = l.origin and s.seq = c.standing_seq;
comment on view voltsafe.locks_held is 'Leases as the hubs last told them (of one resource at most 20); the hub decides, this is a copy.';
comment on column voltsafe.locks_held.state is 'pending: a lockout whose OFFs are not confirmed yet.';
comment on column voltsafe.locks_held.token is 'The fencing token.';
comment on column voltsafe.locks_held.expires is
  'About then, by the clock of the hub: a stall or a restart of it gives more time. Null: a lockout, which ends by hand.';
comment on column voltsafe.locks_held.as_of is 'The event up to which this was told, by the clock of the hub.';
comment on column voltsafe.locks_held.age is 'Since anything was heard of this hub.';

create view voltsafe.hub_silence as
select hub, name, version, last_seen, now() - last_seen as silent_for from voltsafe.hub;
comment on view voltsafe.hub_silence is 'All hubs, and since when they were not heard; a hub that has nothing to tell is heard each minute.';

create function voltsafe.hubs_silent(longer_than interval)
returns table (hub text, name text, version text, last_seen timestamptz, silent_for interval)
language sql stable as $$
  select hub, name, version, last_seen, silent_for from voltsafe.hub_silence
  where last_seen < now() - longer_than order by last_seen
$$;
comment on function voltsafe.hubs_silent(interval) is 'Hubs that were not heard for so long, the longest first.';
create view voltsafe.hubs_silent as select * from voltsafe.hubs_silent(interval '10 minutes');
comment on view voltsafe.hubs_silent is 'Hubs that were not heard for ten minutes; hubs_silent(interval) takes another span.';

create view voltsafe.replication_health as
select o.hub, o.origin, o.kind, o.version, case o.kind when 'ledger' then o.origin = h.origin end as is_current,
  c.last_seq, c.last_rev, encode(c.last_hash, 'hex') as last_hash, o.first_seen, o.last_seen,
  now() - o.last_seen as silent_for, c.updated_at as last_written, coalesce(e.at, p.at) as newest_row_at,
  case when o.kind = 'power' then greatest(o.last_seen - p.at, interval '0') end as lag, o.restored_from, o.restored_seq,
  exists (select from voltsafe.hubs_twice t
    where t.hub = o.hub and t.kind = o.kind and t.is_now and o.origin in (t.older_origin, t.newer_origin)) as is_twice
from voltsafe.origin o
left join voltsafe.hub h on h.hub = o.hub
left join voltsafe.origin_cursor c on c.origin = o.origin
left join voltsafe.event e on e.origin = o.origin and e.seq = c.last_seq
left join lateral (
  select r.at from voltsafe.power_readings r
  where o.kind = 'power' and r.hub = o.hub and r.origin = o.origin and r.source = 'house'
    and r.at > now() - interval '45 days' and r.at < now() + interval '1 hour'
  order by r.at desc limit 1
) p on true;
comment on view voltsafe.replication_health is 'Each file that a hub copies here (its ledger, its power history), and how far it came.';
comment on column voltsafe.replication_health.is_current is 'Of a ledger: the hub writes this one now. A restore begins another.';
comment on column voltsafe.replication_health.last_seq is 'The last event here; there are no gaps before it (verify_chain proves it).';
comment on column voltsafe.replication_health.newest_row_at is 'Of the last event, or of the newest minute of the house, by the clock of the hub.';
comment on column voltsafe.replication_health.lag is
  'Of a power history: how far its newest minute is behind when it was last heard; some minutes are normal. Of a ledger Postgres cannot know it: ask the hub (/metrics).';
comment on column voltsafe.replication_health.restored_from is 'The ledger whose backup this one was restored from, up to restored_seq.';

insert into voltsafe.schema_version (version, variant) values (3, 'views');

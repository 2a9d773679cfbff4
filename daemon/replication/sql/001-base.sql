-- Version 1: the ledger, who writes it, and what stands. Run by the hub inside one transaction, or by hand:
--   psql -1 -f 001-base.sql
-- Not "if not exists": that asks for a right on the database even where an admin made the schema.
do $$
begin
  if to_regnamespace('voltsafe') is null then
    create schema voltsafe;
  end if;
end
$$;

create table voltsafe.schema_version (
  version int primary key,
  variant text not null,
  applied_at timestamptz not null default now()
);

-- A hub as it calls itself. Its outboxes are the rows of `origin`.
create table voltsafe.hub (
  hub text primary key,
  name text not null,
  version text not null,
  -- The ledger that it writes now.
  origin uuid not null,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now()
);

-- An outbox: a ledger, or a file of power history. A ledger that was restored from a backup is a new one.
create table voltsafe.origin (
  origin uuid primary key,
  hub text not null,
  kind text not null check (kind in ('ledger', 'power')),
  version text not null,
  restored_from uuid,
  -- The last event of `restored_from` that is in this one, too.
  restored_seq bigint,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now()
);
create index origin_hub on voltsafe.origin (hub);

-- How far an outbox came. Moved in the transaction of the rows, by compare-and-set: this is the truth.
create table voltsafe.origin_cursor (
  origin uuid primary key references voltsafe.origin,
  hub text not null,
  last_seq bigint not null default 0,
  last_hash bytea,
  last_rev bigint not null default 0,
  -- `appliance` and `lock` show the hub as it stood after this event.
  standing_seq bigint not null default 0,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);

-- The ledger, event by event. `who` and `body` are json, which keeps the text: its bytes are what `hash` is made of.
create table voltsafe.event (
  origin uuid not null,
  seq bigint not null,
  hub text not null,
  -- Wall clock of the hub; `wall_ms` is the same to the last digit.
  at timestamptz not null generated always as (
    to_timestamp(least(greatest(wall_ms, -62135596800000), 253402300799000) / 1000)
  ) stored,
  wall_ms double precision not null,
  up_ms double precision not null,
  boot_id text not null,
  kind text not null,
  who json,
  appliance text,
  body json not null,
  hash bytea not null,
  -- The hashed text, where a column could not keep it: Postgres has no NUL and no lone surrogates. Null otherwise.
  verbatim text,
  primary key (origin, seq)
);
create index event_hub_at on voltsafe.event (hub, at);
create index event_appliance on voltsafe.event (origin, appliance, seq) where appliance is not null;

-- What a chain is made of: sha256(previous hash, then this event's columns as one JSON array). The first follows 32 zero bytes.
create function voltsafe.event_hash(previous bytea, e voltsafe.event) returns bytea
language sql immutable parallel safe as $$
  select sha256(previous || convert_to(coalesce(e.verbatim, concat(
    '[', e.seq, ',', (e.wall_ms::text)::numeric, ',', (e.up_ms::text)::numeric, ',', to_json(e.boot_id), ',', to_json(e.kind),
    ',', coalesce(to_json(e.who::text)::text, 'null'), ',', coalesce(to_json(e.appliance)::text, 'null'),
    ',', to_json(e.body::text), ']')), 'UTF8'))
$$;

-- The events of an outbox that do not follow the one before: none, in a copy that nobody changed.
create function voltsafe.broken_links(which uuid) returns table (seq bigint, what text)
language sql stable as $$
  select seq, case when seq <> before + 1 then 'gap' else 'hash' end
  from (
    select e.seq, e.hash, voltsafe.event_hash(lag(e.hash, 1, decode(repeat('00', 32), 'hex')) over o, e) as due,
      lag(e.seq, 1, 0::bigint) over o as before
    from voltsafe.event e where e.origin = which window o as (order by e.seq)
  ) linked
  where seq <> before + 1 or hash <> due
$$;

-- Appliances and locks as they stand. `view` is what GET /api/appliances and /api/locks show.
create table voltsafe.appliance (
  origin uuid not null,
  appliance text not null,
  hub text not null,
  -- The row changed with this event or one shortly before; the whole table is as of `origin_cursor.standing_seq`.
  as_of_seq bigint not null,
  name text,
  room text,
  circuit text,
  wattage double precision,
  is_on boolean,
  relay_state text,
  fault text,
  reserved_w double precision,
  power_w double precision,
  view json not null,
  primary key (origin, appliance)
);
create index appliance_hub on voltsafe.appliance (hub);

create table voltsafe.lock (
  origin uuid not null,
  resource text not null,
  fencing_token bigint not null,
  hub text not null,
  as_of_seq bigint not null,
  holder text,
  principal text,
  mode text,
  state text,
  acquired_at timestamptz,
  view json not null,
  primary key (origin, resource, fencing_token)
);
create index lock_hub on voltsafe.lock (hub);

-- Ends the statement of a batch, and so its transaction, when what it was based on does not hold.
create function voltsafe.demand(holds boolean, code text, what text) returns boolean
language plpgsql as $$
begin
  if holds is not true then
    raise exception '%', what using errcode = code;
  end if;
  return true;
end
$$;

insert into voltsafe.schema_version (version, variant) values (1, 'base');

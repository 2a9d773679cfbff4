-- Version 4: single decisions, with people's names in them; for whoever looks into one house. The words are those of the
-- hub's own audit trail (daemon/core/audit.ts). Secrets are in no view: `event.body` holds hashes of them.

-- The elements of an array as one text; null where it is none.
create function voltsafe.joined(list json) returns text
language sql immutable parallel safe as $$
  select string_agg(item, ', ' order by place)
  from json_array_elements_text(case json_typeof(list) when 'array' then list else '[]' end) with ordinality as i (item, place)
$$;

-- `kitchen-scene, token 7`: what it is about, and what became of it.
create function voltsafe.lock_words(kind text, body json) returns text
language sql immutable parallel safe as $$
  select case kind
    when 'lock_queued' then 'waits for ' || voltsafe.joined(body->'waiter'->'wish'->'resources')
    when 'lock_wait_ended' then body->>'why'
    when 'lock_acquired' then (
      select string_agg(concat(g->>'resource', ', token ', g->>'token', ', ', body->'wish'->>'mode'), '; ' order by place)
      from json_array_elements(case json_typeof(body->'grants') when 'array' then body->'grants' else '[]' end)
        with ordinality as i (g, place))
    when 'lock_confirmed' then concat(body->>'resource', ', token ', body->>'token', ': all of it is confirmed off')
    when 'lock_downgraded' then
      concat(body->>'resource', ', token ', body->>'token', ', now shared with token ', body->>'next')
    when 'lock_renewed' then concat(body->>'resource', ', token ', body->>'token')
    when 'lock_expired' then concat(body->>'resource', ', token ', body->>'token')
    when 'lock_released' then concat(body->>'resource', ', token ', body->>'token', ': ' || (body->>'reason'))
    when 'lock_forced' then
      concat(body->>'resource', case when voltsafe.joined(body->'tokens') like '%,%' then ', tokens ' else ', token ' end,
        voltsafe.joined(body->'tokens'), ': ', body->>'reason')
    when 'lock_delay_over' then body->>'resource'
  end
$$;

create function voltsafe.proof_words(body json) returns text
language sql immutable parallel safe as $$
  select case body->>'evidence'
    when 'ack' then 'the board acknowledged'
    when 'read' then 'read back'
    when 'assumed' then 'assumed: this board cannot be read back'
    when 'unproven' then 'assumed: this board cannot be read back'
      || case body->>'isOn' when 'true' then '' else ', so its watts stay counted' end
  end
$$;

create function voltsafe.reason_words(kind text, body json) returns text
language sql immutable parallel safe as $$
  select case kind
    when 'ordered' then body->>'cause'
    when 'refused' then body->'refusal'->>'detail'
    when 'unchanged' then
      case when body->>'joins' is null then 'it was so already' else 'the same order is under way' end
    when 'confirmed' then voltsafe.proof_words(body)
    when 'failed' then body->>'fault'
    when 'withdrawn' then case when body->'lock' is null then 'the ledger was too slow'
      else concat('the lock "', body->'lock'->>'resource', '" was lost before the relay was told') end
    when 'observed' then body->>'reason'
    when 'retired' then body->>'reason'
    when 'token_created' then concat(body->'token'->>'use', ' ', body->'token'->>'id', ' for ', body->'token'->>'name',
      ' (', body->'token'->>'role', ')')
    when 'token_revoked' then body->>'id'
    when 'device_adopted' then concat(body->'device'->>'driver', ' ', body->'device'->>'id')
    when 'device_forgotten' then body->>'id'
    when 'mqtt_user_added' then concat('MQTT user ', body->'user'->>'name', ' (', body->'user'->>'role', ')')
    when 'mqtt_user_removed' then body->>'name'
    when 'restored' then concat('from a backup of the ledger ', body->>'fromOrigin', ' up to event ', body->>'fromSeq',
      ': what was decided after it is not known')
    when 'peak_measured' then concat('measured ', voltsafe.watts(body, 'peakMw'), ' W')
    when 'uptime_noted' then 'so that leases end in time after a crash, too'
    when 'background_measured' then
      concat('circuit ', body->>'circuit', ': ', voltsafe.watts(body, 'powerMw'), ' W measured beside its appliances')
    when 'appliance_added' then concat(body->'settings'->>'name', ', ', voltsafe.watts(body->'settings', 'ratedMw'), ' W')
    when 'appliance_changed' then concat(body->'settings'->>'name', ', ', voltsafe.watts(body->'settings', 'ratedMw'), ' W')
    else voltsafe.lock_words(kind, body)
  end
$$;

create view voltsafe.events_readable as
select e.hub, e.origin, e.seq, e.at, e.kind, coalesce(e.who->>'source', 'hub') as source, e.who->>'name' as actor,
  e.appliance,
  case
    when e.kind = 'ordered' or e.kind = 'lock_confirmed' then 'granted'
    when e.kind in ('refused', 'unchanged', 'confirmed', 'failed', 'observed') then e.kind
    when e.kind = 'withdrawn' then 'failed'
    when e.kind = 'lock_acquired' and e.body->>'pending' is null then 'granted'
    else 'recorded'
  end as outcome,
  case
    when e.kind in ('ordered', 'confirmed', 'failed') then voltsafe.yes(e.body, 'isOn')
    when e.kind in ('refused', 'unchanged') then voltsafe.yes(e.body->'request', 'isOn')
    when e.kind = 'withdrawn' and e.body->'lock' is null then true
    when e.kind = 'observed' and e.body->>'reading' in ('on', 'off') then e.body->>'reading' = 'on'
  end as is_on,
  case e.kind
    when 'refused' then e.body->'refusal'->>'code'
    when 'failed' then 'relay_unreachable'
    when 'withdrawn' then case when e.body->'lock' is null then 'ledger_unavailable' else 'locked' end
    when 'observed' then e.body->>'fault'
  end as code,
  voltsafe.reason_words(e.kind, e.body) as reason,
  coalesce(f.figures->>'circuit', e.body->>'circuit') as circuit,
  voltsafe.watts(f.figures, 'requestedMw') as requested_w,
  voltsafe.watts(f.figures, 'exceededByMw') as exceeded_by_w,
  coalesce(voltsafe.watts(f.figures, 'reservedMw'), voltsafe.watts(e.body, 'reservedMw')) as reserved_w,
  coalesce(voltsafe.watts(f.figures, 'limitMw'), voltsafe.watts(e.body, 'limitMw')) as limit_w,
  case
    when e.kind in ('ordered', 'confirmed', 'failed', 'withdrawn') then voltsafe.whole(e.body, 'generation')
    when e.kind = 'unchanged' then voltsafe.whole(e.body, 'joins')
  end as generation,
  e.seq <= s.copied_seq as is_copy, encode(e.hash, 'hex') as hash
from voltsafe.event e
left join voltsafe.ledger_start s on s.origin = e.origin
cross join lateral (select case e.kind when 'refused' then e.body->'refusal'->'figures' else e.body->'figures' end) f (figures);
comment on view voltsafe.events_readable is 'The audit trail of all hubs, in the words of the hub. Ask for a hub (and a time), or an origin.';
comment on column voltsafe.events_readable.generation is 'The order that it is about: the seq of its ordered event. See decision_chain.';
comment on column voltsafe.events_readable.circuit is 'The circuit that was too small, with its figures; otherwise they are those of the house.';
comment on column voltsafe.events_readable.is_copy is 'Of a restored ledger: the same event is here under the ledger before, too.';

-- The events that one decision is made of, whichever of them is named: the order, who joined it, what the relay was seen to
-- be, how it ended; and where it was superseded, the order that took its place and what became of that.
create function voltsafe.decision_chain(which uuid, of_seq bigint)
returns table (step int, seq bigint, at timestamptz, after_ms double precision, what text, source text, actor text,
  appliance text, is_on boolean, code text, reason text, generation bigint, hub text, origin uuid, hash text,
  previous_hash text, is_sound boolean)
language sql stable as $$
  with recursive named as (
    select r.appliance, r.seq, r.kind, coalesce(r.generation, r.seq) as generation
    from voltsafe.events_readable r where r.origin = which and r.seq = of_seq
  ), orders as (
    select n.appliance, n.generation from named n
    union all
    select o.appliance, later.seq from orders o cross join lateral (
      -- Only the next order of an appliance takes the place of one that is under way.
      select e.seq, e.body from voltsafe.event e
      where e.origin = which and e.appliance = o.appliance and e.seq > o.generation and e.kind = 'ordered'
      order by e.seq limit 1
    ) later
    where voltsafe.whole(later.body->'replaces', 'generation') = o.generation
  ), spans as (
    select o.appliance, o.generation, coalesce((
      select min(e.seq) from voltsafe.event e
      where e.origin = which and e.appliance = o.appliance and e.seq > o.generation and e.kind = 'ordered'
    ), 9223372036854775807) as before
    from orders o
  ), about as (
    select r.*, s.generation as of_generation from spans s join voltsafe.events_readable r
      on r.origin = which and r.appliance = s.appliance and r.seq >= s.generation and r.seq < s.before
      and (r.generation = s.generation or r.seq = of_seq)
    union all
    select r.*, s.generation from spans s cross join lateral (
      -- What the relay was seen to be meanwhile: until the last word about this order.
      select max(e.seq) as ends from voltsafe.event e
      where e.origin = which and e.appliance = s.appliance and e.seq > s.generation and e.seq < s.before
        and voltsafe.whole(e.body, 'generation') = s.generation
    ) last join voltsafe.events_readable r
      on r.origin = which and r.appliance = s.appliance and r.seq > s.generation and r.seq < last.ends and r.kind = 'observed'
        and r.seq <> of_seq
    union all
    -- Of no appliance: a lock, a token, a start.
    select r.*, null from named n join voltsafe.events_readable r on n.appliance is null and r.origin = which and r.seq = n.seq
  )
  select row_number() over (order by a.seq)::int, a.seq, a.at,
    e.up_ms - first_value(e.up_ms) over (order by a.seq),
    case
      when a.kind = 'ordered' and a.seq > (select n.generation from named n) then 'superseded'
      when a.kind = 'ordered' and voltsafe.yes(e.body, 'isSettled') then 'ordered, settled'
      when a.kind = 'unchanged' and a.generation is not null then 'joined'
      else a.kind
    end,
    a.source, a.actor, a.appliance, a.is_on, a.code, a.reason, a.of_generation, a.hub, a.origin, a.hash,
    coalesce(encode(before.hash, 'hex'), case a.seq when 1 then repeat('00', 32) end),
    e.hash = voltsafe.event_hash(coalesce(before.hash, case a.seq when 1 then decode(repeat('00', 32), 'hex') end), e)
  from about a
  join voltsafe.event e on e.origin = a.origin and e.seq = a.seq
  left join voltsafe.event before on before.origin = a.origin and before.seq = a.seq - 1
  order by a.seq
$$;
comment on function voltsafe.decision_chain(uuid, bigint) is
  'Follows one decision from the request to what the relay was seen to do. Any of its events may be named. is_sound: sha256 of the event before and of this one, computed here, is its hash, which is that of the ledger of the hub. after_ms is of the clock that hubs decide by.';

create view voltsafe.decision_chain as
select hub, origin, generation, seq, at, kind, source, actor, appliance, is_on, outcome, code, reason, hash
from voltsafe.events_readable where generation is not null and not is_copy;
comment on view voltsafe.decision_chain is
  'What belongs to each order (hub, origin, generation), in the order of seq: the request, who joined it, what the relay confirmed. decision_chain(origin, seq) follows one, with what took its place and proof of the hashes.';

-- The chain of a ledger, computed anew from what stands here: in short, and of a range. broken_links lists every fault.
create function voltsafe.verify_chain(which uuid, from_seq bigint default 1, to_seq bigint default null)
returns table (events bigint, first_seq bigint, last_seq bigint, last_hash text, is_sound boolean, broken_seq bigint, what text)
language sql stable as $$
  with linked as (
    select e.seq, e.hash, coalesce(lag(e.seq) over o, 0) as before,
      voltsafe.event_hash(coalesce(lag(e.hash) over o, case e.seq when 1 then decode(repeat('00', 32), 'hex') end), e) as due
    from voltsafe.event e
    where e.origin = which and e.seq >= from_seq - 1 and (to_seq is null or e.seq <= to_seq)
    window o as (order by e.seq)
  ), judged as (
    select l.seq, l.hash, case when l.seq <> l.before + 1 then 'gap' when l.hash <> l.due then 'hash' end as what
    from linked l where l.seq >= from_seq
  )
  select count(*), min(j.seq), max(j.seq), (array_agg(encode(j.hash, 'hex') order by j.seq desc))[1],
    count(*) > 0 and count(j.what) = 0 and (to_seq is null or max(j.seq) = to_seq),
    min(j.seq) filter (where j.what is not null), (array_agg(j.what order by j.seq) filter (where j.what is not null))[1]
  from judged j
$$;
comment on function voltsafe.verify_chain(uuid, bigint, bigint) is
  'Whether the events of a ledger follow each other, by SHA-256 computed here; false, too, where the range is empty or ends early. broken_seq is the first that does not.';

-- A hub and all that is known of it. Its role first, or it comes back with all of its ledger: README.md tells the steps.
create function voltsafe.forget_hub(which text, even_if_heard boolean default false)
returns table (what text, rows bigint)
language plpgsql as $$
declare
  origins uuid[];
  part text;
begin
  if not even_if_heard and exists (select from voltsafe.hub h where h.hub = which and h.last_seen > now() - interval '10 minutes')
  then
    raise exception 'hub "%" was heard within 10 minutes: it would send all of it again', which
      using hint = 'Take its login away and end its sessions, then forget_hub(hub, true).';
  end if;
  select array_agg(o.origin) into origins from voltsafe.origin o where o.hub = which;
  foreach part in array array['event', 'power_readings', 'power_rollup', 'appliance', 'lock', 'origin_cursor', 'origin', 'hub']
  loop
    -- Of a ledger that began under another name, what it wrote under that one, too.
    execute format('delete from voltsafe.%I t where t.hub = $1', part)
      || case when part in ('event', 'appliance', 'lock', 'origin_cursor') then ' or t.origin = any ($2)' else '' end
      using which, origins;
    get diagnostics rows = row_count;
    what := part;
    return next;
  end loop;
end
$$;
revoke all on function voltsafe.forget_hub(text, boolean) from public;
comment on function voltsafe.forget_hub(text, boolean) is 'Deletes a hub and everything of it: events, power history, what stands. There is no way back.';

insert into voltsafe.schema_version (version, variant) values (4, 'decisions');

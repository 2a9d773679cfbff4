-- Keeps hubs of one database apart: a hub reads and writes rows of its own name only. Where each has a login of its own,
-- called hub_<hub.id> (ids of up to 59 characters: names of roles are cut off after 63). Run it as who owns the schema,
-- after role-hub.sql, once; then for each hub
--   create role hub_<id> login password '...' in role voltsafe_hub
-- A login that many hubs share needs  grant voltsafe_hub_any to <role>, and keeps nobody apart.
do $$
begin
  create role voltsafe_hub_any nologin;
exception when duplicate_object or unique_violation then
  null;
end
$$;
grant voltsafe_hub to voltsafe_hub_any;

create or replace function voltsafe.hub_of_login() returns text
language sql stable parallel safe as $$
  select case when session_user::text like 'hub\_%' then substr(session_user::text, 5) end
$$;

-- For a hypertable, which takes no row security with compression.
create or replace function voltsafe.demand_own_hub() returns trigger
language plpgsql as $$
begin
  if pg_has_role(session_user, 'voltsafe_hub', 'member') and not pg_has_role(session_user, 'voltsafe_hub_any', 'member') then
    raise exception 'hub "%" is not that of this login', new.hub using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;

do $$
declare
  part text;
  own text;
  is_timescale constant boolean := exists (select from voltsafe.schema_version where variant = 'timescale');
begin
  foreach part in array array['hub', 'origin', 'origin_cursor', 'event', 'appliance', 'lock', 'power_readings', 'power_rollup']
  loop
    execute format('drop policy if exists own on voltsafe.%I', part);
    execute format('drop policy if exists of_all on voltsafe.%I', part);
    execute format('drop trigger if exists own on voltsafe.%I', part);
    if part = 'power_readings' and is_timescale then
      create trigger own before insert or update on voltsafe.power_readings for each row
        when (new.hub is distinct from voltsafe.hub_of_login()) execute function voltsafe.demand_own_hub();
      continue;
    end if;
    own := 'hub = (select voltsafe.hub_of_login())';
    execute format('alter table voltsafe.%I enable row level security', part);
    -- An event under the origin of another hub would stand in the way of its own.
    execute format('create policy own on voltsafe.%I to voltsafe_hub using (%s) with check (%s)', part, own,
      case when part in ('event', 'appliance', 'lock', 'origin_cursor')
        then own || ' and origin in (select o.origin from voltsafe.origin o where o.hub = (select voltsafe.hub_of_login()))'
        else own end);
    execute format('create policy of_all on voltsafe.%I to voltsafe_hub_any using (true) with check (true)', part);
  end loop;
end
$$;

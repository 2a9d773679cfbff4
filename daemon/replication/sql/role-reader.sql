-- Roles for people and dashboards: views, and no table. Run it as who owns the schema, after the migrations and after each
-- new version:  psql -f role-reader.sql, then  grant voltsafe_reader to <role>
-- voltsafe_reader sees the fleet: loads, energy, refusals, locks with their holders, silence, replication.
-- voltsafe_auditor sees, beyond that, who did what in a house. Neither sees `event`: its bodies hold hashes of secrets.
do $$
declare
  name text;
begin
  foreach name in array array['voltsafe_reader', 'voltsafe_auditor'] loop
    begin
      execute format('create role %I nologin', name);
    exception when duplicate_object or unique_violation then
      null;
    end;
  end loop;
end
$$;
grant usage on schema voltsafe to voltsafe_reader;
grant select on voltsafe.hub_load, voltsafe.energy_per_day, voltsafe.refusals, voltsafe.locks_held, voltsafe.hub_silence,
  voltsafe.hubs_silent, voltsafe.hubs_twice, voltsafe.replication_health to voltsafe_reader;
grant voltsafe_reader to voltsafe_auditor;
grant select on voltsafe.events_readable, voltsafe.decision_chain to voltsafe_auditor;
-- Proofs read the rows themselves: with the rights of who owns them.
alter function voltsafe.decision_chain(uuid, bigint) security definer set search_path = pg_catalog, pg_temp;
alter function voltsafe.verify_chain(uuid, bigint, bigint) security definer set search_path = pg_catalog, pg_temp;
revoke all on function voltsafe.decision_chain(uuid, bigint), voltsafe.verify_chain(uuid, bigint, bigint) from public;
grant execute on function voltsafe.decision_chain(uuid, bigint), voltsafe.verify_chain(uuid, bigint, bigint)
  to voltsafe_auditor;

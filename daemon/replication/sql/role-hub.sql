-- The role of the hubs: reads and writes their rows, and nothing else. Run it as who owns the schema, after the migrations:
--   psql -f role-hub.sql, then  alter role voltsafe_hub login password '...'  or  grant voltsafe_hub to <role>
-- It creates nothing, so an admin migrates: let a hub connect once as the owner, or run the numbered files in order.
do $$
begin
  create role voltsafe_hub nologin;
exception when duplicate_object or unique_violation then
  null;
end
$$;
grant usage on schema voltsafe to voltsafe_hub;
grant select on voltsafe.schema_version to voltsafe_hub;
grant select, insert on voltsafe.event to voltsafe_hub;
grant select, insert, update on voltsafe.hub, voltsafe.origin, voltsafe.origin_cursor to voltsafe_hub;
grant select, insert, update on voltsafe.power_readings, voltsafe.power_rollup to voltsafe_hub;
grant select, insert, update, delete on voltsafe.appliance, voltsafe.lock to voltsafe_hub;
grant execute on function voltsafe.prepare_power_months(date[]) to voltsafe_hub;

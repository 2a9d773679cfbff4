/** What stands behind `usage: voltsafe`; of its own, so that commands can say it without knowing each other. */
export const SYNOPSIS = {
  start: 'start [--data-dir D] [--host H] [--port N] [--mqtt-port N]',
  run: 'run --config F [--data-dir D]',
  'config check': 'config check F',
  'token create': 'token create --role viewer|operator|admin --name N [--mqtt-user U] [--config F] [--data-dir D]',
  'token list': 'token list [--config F] [--data-dir D]',
  'token revoke': 'token revoke ID [--config F] [--data-dir D]',
  ports: 'ports [PATH...] [--scan 1-247] [--baud N] [--parity P] [--ask lcus,kmtronic,numato] [--json]',
  doctor: 'doctor [--config F] [--data-dir D] [--json]',
  'mqtt-user add':
    'mqtt-user add --name N --role device|integration|viewer [--topic FILTER ...] [--config F] [--data-dir D]',
  'mqtt-user list': 'mqtt-user list [--config F] [--data-dir D]',
  'mqtt-user remove': 'mqtt-user remove NAME [--config F] [--data-dir D]',
  'lock acquire':
    'lock acquire RESOURCE [--shared] [--ttl 30s] [--wait 10s] [--metadata NAME=VALUE ...] [--url U] [--token-file F]',
  'lock release': 'lock release RESOURCE --fencing-token N [--reason TEXT] [--url U] [--token-file F]',
  'lock run':
    'lock run RESOURCE [--shared] [--ttl 30s] [--wait 10s] [--metadata NAME=VALUE ...] [--url U] [--token-file F] -- COMMAND [ARG...]',
  'lock list': 'lock list [RESOURCE] [--json] [--url U] [--token-file F]',
  backup: 'backup FILE [--force] [--config F] [--data-dir D]',
  restore: 'restore FILE [--config F] [--data-dir D]',
  simulate:
    'simulate [--board FAMILY] [--channels 8] [--meter MODEL:UNIT] --link P [--plug FAMILY:NAME --broker URL] [--control PORT]',
  warm: 'warm',
} as const;

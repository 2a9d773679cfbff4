import type { Command } from './io.ts';
import { SYNOPSIS } from './synopsis.ts';

export interface Entry {
  /** The words that name it: `run`, `config check`. */
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** Runs until it is told to stop. */
  readonly isLong?: true;
  /** Loaded when called, so that `token` does not carry the memory of a hub. */
  load(): Promise<Command>;
}

/** Every command; one file each. */
export const COMMANDS: readonly Entry[] = [
  {
    name: 'start',
    usage: SYNOPSIS.start,
    summary: 'the hub on a simulated board and the appliances of an ordinary home (npm start)',
    isLong: true,
    load: () => import('./start.ts'),
  },
  {
    name: 'run',
    usage: SYNOPSIS.run,
    summary: 'the hub on real hardware',
    isLong: true,
    load: () => import('./run.ts'),
  },
  {
    name: 'config check',
    usage: SYNOPSIS['config check'],
    summary: 'validates a configuration file; names file, line and path of each error',
    load: () => import('./config-check.ts'),
  },
  {
    name: 'token create',
    usage: SYNOPSIS['token create'],
    summary: 'prints a new token once, whether the hub runs or not',
    load: () => import('./token-create.ts'),
  },
  {
    name: 'token list',
    usage: SYNOPSIS['token list'],
    summary: 'the tokens that are valid: id, role, name, when made',
    load: () => import('./token-list.ts'),
  },
  {
    name: 'token revoke',
    usage: SYNOPSIS['token revoke'],
    summary: 'ends a token',
    load: () => import('./token-revoke.ts'),
  },
  {
    name: 'mqtt-user add',
    usage: SYNOPSIS['mqtt-user add'],
    summary:
      "prints a new password for the hub's MQTT broker once, whether the hub runs or not; a second one replaces it",
    load: () => import('./mqtt-user-add.ts'),
  },
  {
    name: 'mqtt-user list',
    usage: SYNOPSIS['mqtt-user list'],
    summary: "who may connect to the hub's MQTT broker: name, role, when made, extra topics",
    load: () => import('./mqtt-user-list.ts'),
  },
  {
    name: 'mqtt-user remove',
    usage: SYNOPSIS['mqtt-user remove'],
    summary: "ends a user of the hub's MQTT broker, and its connections",
    load: () => import('./mqtt-user-remove.ts'),
  },
  {
    name: 'lock acquire',
    usage: SYNOPSIS['lock acquire'],
    summary: 'takes a lock of a hub (VOLTSAFE_URL, VOLTSAFE_TOKEN) and prints its fencing token',
    load: () => import('./lock-acquire.ts'),
  },
  {
    name: 'lock release',
    usage: SYNOPSIS['lock release'],
    summary: 'gives a lock back',
    load: () => import('./lock-release.ts'),
  },
  {
    name: 'lock run',
    usage: SYNOPSIS['lock run'],
    summary:
      'holds a lock while a command runs, with VOLTSAFE_FENCING_TOKEN in its environment; ends it when the lock is lost',
    load: () => import('./lock-run.ts'),
  },
  {
    name: 'lock list',
    usage: SYNOPSIS['lock list'],
    summary: 'who holds what, for how long, and who waits',
    load: () => import('./lock-list.ts'),
  },
  {
    name: 'ports',
    usage: SYNOPSIS.ports,
    summary: 'serial ports, what answers on them, and a ready configuration block; only reads',
    load: () => import('./ports-list.ts'),
  },
  {
    name: 'doctor',
    usage: SYNOPSIS.doctor,
    summary: 'looks at disk, clock, ports and boards, and says what to do',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'backup',
    usage: SYNOPSIS.backup,
    summary: 'writes a consistent, verified copy of the ledger, whether the hub runs or not',
    isLong: true,
    load: () => import('./backup.ts'),
  },
  {
    name: 'restore',
    usage: SYNOPSIS.restore,
    summary: 'puts a backup in the place of the ledger while no hub runs; the ledger of before is kept beside it',
    load: () => import('./restore.ts'),
  },
  {
    name: 'simulate',
    usage: SYNOPSIS.simulate,
    summary:
      'simulated boards and meters on a pseudo terminal and plugs on an MQTT broker, with faults and ground truth over HTTP',
    isLong: true,
    load: () => import('./simulate.ts'),
  },
  {
    name: 'warm',
    usage: SYNOPSIS.warm,
    summary: 'starts a hub once on a temporary directory, so that the next starts find everything compiled (npm ci)',
    load: () => import('./warm.ts'),
  },
];

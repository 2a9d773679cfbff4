import type { Refusal, Standing } from './events.ts';
import type { Claim, LockEnd, LockGrant, LockTrouble, LockWish } from './locks/model.ts';
import type { ApplianceSettings, Device, Evidence, Household, MqttUser, Reading, Token, Who } from './model.ts';

/** Everything that can make the hub decide something. The queue stamps each with `Now`. */
export type Input =
  | {
      readonly kind: 'toggle';
      readonly appliance: string;
      /** `flip`: a wall switch; confirmed off -> on, anything else -> off. */
      readonly want: 'on' | 'off' | 'flip';
      readonly who: Who;
      /** Idempotency: the client's key and the hash of what it asked. */
      readonly key?: string;
      readonly hash?: string;
      /** Fencing tokens; what is shown must be live. */
      readonly claims?: readonly Claim[];
      /** An OFF that came later went ahead of it: it switches nothing on any more. */
      readonly isOvertaken?: true;
    }
  | {
      readonly kind: 'acquire_lock';
      readonly wish: LockWish;
      readonly who: Who;
      /** Its own id, so that whoever waits can give up. Null: now or never. A lockout waits for its OFFs in any case. */
      readonly wait: { readonly id: string; readonly ms: number } | null;
      readonly key?: string;
      readonly hash?: string;
    }
  | {
      readonly kind: 'renew_lock';
      readonly resource: string;
      readonly token: number;
      readonly ttlMs: number | null;
      readonly who: Who;
    }
  | {
      readonly kind: 'release_lock';
      readonly resource: string;
      readonly token: number;
      /** Why an admin ends another's lockout. */
      readonly reason: string | null;
      readonly who: Who;
    }
  | { readonly kind: 'downgrade_lock'; readonly resource: string; readonly token: number; readonly who: Who }
  | { readonly kind: 'force_release_lock'; readonly resource: string; readonly reason: string; readonly who: Who }
  /** Whoever waited is gone. */
  | { readonly kind: 'cancel_wait'; readonly waiter: string }
  /** Deadlines of these were reached. */
  | { readonly kind: 'locks_due'; readonly resources: readonly string[]; readonly waiters: readonly string[] }
  /** While leases run: a crash shall not forget how long the hub has run. */
  | { readonly kind: 'note_uptime' }
  /** When its bytes were about to leave, its lock was lost: nothing was sent. */
  | { readonly kind: 'lapsed'; readonly appliance: string; readonly generation: number; readonly lock: LockTrouble }
  | {
      readonly kind: 'add_appliance';
      readonly settings: ApplianceSettings;
      /** A device that was found: adopted as the bus of this appliance, where it is not yet. */
      readonly device?: Device;
      readonly who: Who;
    }
  | {
      readonly kind: 'change_appliance';
      readonly appliance: string;
      readonly change: Partial<Omit<ApplianceSettings, 'id'>>;
      readonly who: Who;
    }
  | { readonly kind: 'remove_appliance'; readonly appliance: string; readonly who: Who }
  | { readonly kind: 'retire'; readonly appliance: string; readonly reason: string; readonly who: Who }
  | { readonly kind: 'create_token'; readonly token: Token; readonly who: Who }
  | { readonly kind: 'revoke_token'; readonly id: string; readonly who: Who }
  | { readonly kind: 'add_mqtt_user'; readonly user: MqttUser; readonly who: Who }
  | { readonly kind: 'remove_mqtt_user'; readonly name: string; readonly who: Who }
  | { readonly kind: 'configure'; readonly household: Household; readonly bootId: string }
  /** The ledger was put back from a backup; no hub runs on it yet. */
  | {
      readonly kind: 'note_restored';
      readonly origin: string;
      readonly fromOrigin: string;
      readonly fromSeq: number;
      /** The floor of tokens that the ledger before it had; 0 where nobody can tell. */
      readonly knownFloor: number;
      readonly who: Who;
    }
  /** The relay obeyed an order. */
  | {
      readonly kind: 'relay_confirmed';
      readonly appliance: string;
      readonly generation: number;
      readonly isOn: boolean;
      readonly evidence: Evidence;
    }
  /** The attempts for an order are used up; `reading` is what the read-back then said. */
  | {
      readonly kind: 'relay_failed';
      readonly appliance: string;
      readonly generation: number;
      readonly reading: Reading;
    }
  /** A poll of a board. */
  | {
      readonly kind: 'readings';
      readonly bus: string;
      /** Absent: they were read. Otherwise the board cannot be, and these are what it was last told. */
      readonly evidence?: 'assumed' | 'unproven';
      /** A device told of this channel alone. */
      readonly channel?: number;
      readonly readings: readonly {
        readonly appliance: string /** known when the exchange started */;
        readonly generation: number;
        readonly isOn: boolean;
      }[];
    }
  /** A board stopped answering, or its port is gone. */
  | { readonly kind: 'bus_lost'; readonly bus: string; readonly reason: string }
  | { readonly kind: 'measured'; readonly appliance: string; readonly powerMw: number }
  /** A meter of a circuit: what it draws beyond its appliances. */
  | { readonly kind: 'background'; readonly circuit: string; readonly powerMw: number }
  /** A meter of a circuit says that more is drawn than it may, and has been for a while. */
  | { readonly kind: 'overload'; readonly circuit: string; readonly powerMw: number }
  /** The commit came too late for the caller (answered 503): the ON, never sent, is taken back. */
  | { readonly kind: 'withdraw'; readonly appliance: string; readonly generation: number };

/** A lease as it stands for who asked. */
export interface LockOutcome extends LockGrant {
  readonly wish: Pick<LockWish, 'mode' | 'ttlMs' | 'metadata' | 'isLockout'>;
  readonly holder: string;
  readonly principal: string;
  readonly acquiredWallMs: number;
  /** Null: a lockout, or a lease that ended. */
  readonly expiresInMs: number | null;
  readonly state: 'held' | LockEnd;
}

/** What a caller is told. `decision.seq` is null only while the ledger is down (S7). */
export type Answer =
  | {
      readonly ok: true;
      readonly changed: boolean;
      readonly decision: { readonly seq: number | null; readonly atWallMs: number };
      /** Null where there is nothing to show (a removed appliance, a token). */
      readonly standing: Standing | null;
      /** Of an acquire, a renewal, a downgrade. */
      readonly locks?: readonly LockOutcome[];
    }
  | {
      readonly ok: false;
      readonly refusal: Refusal;
      readonly decision: { readonly seq: number; readonly atWallMs: number } | null;
      /** Set with `relay_unreachable`. */
      readonly standing?: Standing;
    };

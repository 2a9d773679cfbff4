import type { Claim, LockGrant, LockTrouble, LockWaiter, LockWish } from './locks/model.ts';
import type {
  ApplianceSettings,
  Cause,
  Device,
  Evidence,
  Fault,
  Household,
  MqttUser,
  Reading,
  Token,
  Who,
} from './model.ts';
import type { ApplianceView, LoadView } from './views.ts';

/** Why a request was refused; the wire's problem codes. */
export type RefusalCode =
  | 'capacity_exceeded'
  | 'relay_unreachable'
  | 'superseded'
  | 'conflict'
  | 'not_found'
  | 'invalid_request'
  | 'idempotency_key_reused'
  | 'lock_held'
  | 'already_held'
  | 'wait_timeout'
  | 'locked'
  | 'forbidden'
  | 'rate_limited'
  | 'queue_full'
  | 'ledger_unavailable'
  | 'internal';

/** The numbers of a capacity refusal, in milliwatts, at the circuit that is too small. */
export interface Figures {
  readonly circuit: string;
  readonly limitMw: number;
  readonly reservedMw: number;
  readonly requestedMw: number;
  readonly exceededByMw: number;
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly figures?: Figures;
  /** The lock in the way. */
  readonly lock?: LockTrouble;
}

/** What a caller asked, kept with the decision. `hash` is of the request that the key was first used for. */
export interface Request {
  readonly isOn: boolean;
  readonly key?: string;
  readonly hash?: string;
  /** Fencing tokens that were shown. */
  readonly claims?: readonly Claim[];
}

/** How things stood when an order settled: the shared part of the answers that waited for it. */
export interface Standing {
  readonly appliance: ApplianceView;
  readonly load: LoadView;
}

export type EventBody =
  | { readonly kind: 'configured'; readonly household: Household; readonly bootId: string }
  | { readonly kind: 'appliance_added'; readonly settings: ApplianceSettings }
  | { readonly kind: 'appliance_changed'; readonly settings: ApplianceSettings }
  | { readonly kind: 'appliance_removed'; readonly appliance: string }
  | {
      readonly kind: 'ordered';
      readonly appliance: string;
      readonly isOn: boolean;
      /** The seq of this very event: never repeated, whatever becomes of the appliance. */
      readonly generation: number;
      readonly cause: Cause;
      /** Obeyed in the same breath: a declared load has no relay, and a relay that was read so needs no bytes. */
      readonly isSettled: boolean;
      /**
       * The order under way that this one takes the place of. Of the opposite kind: its callers are told `superseded`.
       * OFF after OFF: they wait for this one instead.
       */
      readonly replaces: { readonly generation: number; readonly isOn: boolean } | null;
      readonly request?: Request;
      /** Shedding: the circuit that was over. */
      readonly figures?: Figures;
      /** Present when it is settled and its answer is kept for a key. */
      readonly standing?: Standing;
    }
  | {
      readonly kind: 'refused';
      readonly appliance: string;
      readonly refusal: Refusal;
      readonly request: Request;
      readonly standing?: Standing;
    }
  | {
      readonly kind: 'unchanged';
      readonly appliance: string;
      readonly request: Request;
      /** The order under way that this request joins; null: it was so already. */
      readonly joins: number | null;
      readonly standing?: Standing;
    }
  | {
      readonly kind: 'confirmed';
      readonly appliance: string;
      readonly generation: number;
      readonly isOn: boolean;
      readonly evidence: Evidence;
      /** Present when kept answers wait for it. */
      readonly standing?: Standing;
    }
  | {
      readonly kind: 'failed';
      readonly appliance: string;
      readonly generation: number;
      readonly isOn: boolean;
      readonly reading: Reading;
      readonly fault: Fault;
      /** Present when kept answers wait for it. */
      readonly standing?: Standing;
    }
  | {
      readonly kind: 'withdrawn';
      readonly appliance: string;
      readonly generation: number;
      /** The lock that was lost before the bytes left; absent: the ledger was too slow. */
      readonly lock?: LockTrouble;
    }
  | {
      /** What a relay was seen to be, without or against an order. An `on` here that nobody granted is S9. */
      readonly kind: 'observed';
      readonly appliance: string;
      readonly reading: Reading;
      readonly fault: Fault | null;
      readonly evidence: Evidence | null;
      /** Not the relay: its own meter, of what is off. `on`: it draws all the same; `off`: no more. */
      readonly by?: 'meter';
      readonly reason: string;
    }
  | { readonly kind: 'retired'; readonly appliance: string; readonly reason: string }
  | { readonly kind: 'peak_measured'; readonly appliance: string; readonly peakMw: number }
  /** What a circuit draws beyond its appliances, as its meter saw it: the highest of the last quarter of an hour. */
  | { readonly kind: 'background_measured'; readonly circuit: string; readonly powerMw: number }
  | { readonly kind: 'token_created'; readonly token: Token }
  | { readonly kind: 'token_revoked'; readonly id: string }
  | { readonly kind: 'device_adopted'; readonly device: Device }
  /** The last of its appliances is gone: it is a stranger again. */
  | { readonly kind: 'device_forgotten'; readonly id: string }
  | { readonly kind: 'mqtt_user_added'; readonly user: MqttUser }
  | { readonly kind: 'mqtt_user_removed'; readonly name: string }
  /** This ledger was put back from a backup: whatever was decided after event `fromSeq` is not known to it. */
  | {
      readonly kind: 'restored';
      /** What replication calls it from now on. */
      readonly origin: string;
      readonly fromOrigin: string;
      readonly fromSeq: number;
      /** Every fencing token from now on is beyond it. */
      readonly tokenFloor: number;
    }
  | { readonly kind: 'lock_queued'; readonly waiter: LockWaiter; readonly hash: string | null }
  /** It is granted, cancelled, timed out, or its principal may not lock any more. */
  | {
      readonly kind: 'lock_wait_ended';
      readonly waiter: string;
      /** What it waited for. */
      readonly resources: readonly string[];
      readonly why: 'timeout' | 'cancelled' | 'forbidden';
    }
  | {
      readonly kind: 'lock_acquired';
      readonly grants: readonly LockGrant[];
      readonly wish: LockWish;
      /** The wait that it ends. */
      readonly waiter: string | null;
      /** A lockout: whoever asked waits on, for the OFFs. */
      readonly pending: LockWaiter | null;
      readonly keptId: string | null;
      readonly hash: string | null;
    }
  /** A lockout: everything that it covers is confirmed off. */
  | {
      readonly kind: 'lock_confirmed';
      readonly resource: string;
      readonly token: number;
      readonly waiter: string | null;
    }
  | {
      readonly kind: 'lock_renewed';
      readonly resource: string;
      readonly token: number;
      readonly ttlMs: number | null;
      readonly deadlineUpMs: number | null;
    }
  | { readonly kind: 'lock_downgraded'; readonly resource: string; readonly token: number; readonly next: number }
  | {
      readonly kind: 'lock_released';
      readonly resource: string;
      readonly token: number;
      readonly reason: string | null;
    }
  | {
      readonly kind: 'lock_expired';
      readonly resource: string;
      readonly token: number;
      readonly delayUntilUpMs: number | null;
    }
  | {
      readonly kind: 'lock_forced';
      readonly resource: string;
      readonly tokens: readonly number[];
      readonly reason: string;
      readonly delayUntilUpMs: number | null;
    }
  | { readonly kind: 'lock_delay_over'; readonly resource: string }
  /** Changes nothing: its own `upMs` is what is kept. */
  | { readonly kind: 'uptime_noted' };

export type Event = EventBody & {
  /** The commit order; the ledger's primary key. */
  readonly seq: number;
  readonly upMs: number;
  readonly wallMs: number;
  readonly who: Who | null;
  /** The house's figures once this event counted. */
  readonly reservedMw: number;
  readonly limitMw: number;
};

export type EventKind = Event['kind'];

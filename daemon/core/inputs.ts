import type { Refusal, Standing } from './events.ts';
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
    }
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

/** What a caller is told. `decision.seq` is null only while the ledger is down (S7). */
export type Answer =
  | {
      readonly ok: true;
      readonly changed: boolean;
      readonly decision: { readonly seq: number | null; readonly atWallMs: number };
      /** Null where there is nothing to show (a removed appliance, a token). */
      readonly standing: Standing | null;
    }
  | {
      readonly ok: false;
      readonly refusal: Refusal;
      readonly decision: { readonly seq: number; readonly atWallMs: number } | null;
      /** Set with `relay_unreachable`. */
      readonly standing?: Standing;
    };

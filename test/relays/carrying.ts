import { Carrier } from '../../daemon/relays/carrier.ts';
import { Rig, type RigOptions } from './rig.ts';

/** A carrier and everything around it. */
export function carrying(options: RigOptions = {}): { rig: Rig; carrier: Carrier } {
  const rig = new Rig(options);
  return { rig, carrier: new Carrier(rig.parts) };
}

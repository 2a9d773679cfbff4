import { HOUSE } from '../core/model.ts';

/** The circuit that a meter measures; null for a meter of one appliance. */
export function meteredCircuit(measures: string): string | null {
  const [kind, id = HOUSE] = measures.split(':');
  return kind === 'appliance' ? null : id;
}

/** The appliance that a meter measures; null for a meter of a circuit. */
export function meteredAppliance(measures: string): string | null {
  const [kind, id = null] = measures.split(':');
  return kind === 'appliance' ? id : null;
}

import type { Answer } from '../core/inputs.ts';
import type { ApplianceSettings, Device, Who } from '../core/model.ts';
import type { HubPort } from './port.ts';
import { freeId } from './slug.ts';
import type { ApplianceBody } from './wire.ts';

/**
 * `device`: what its relay hangs on, adopted with it. An id made from the name may be taken by a request that was under
 * way: then the next free one is tried.
 */
export async function addAppliance(
  hub: HubPort,
  { id, ...body }: ApplianceBody,
  who: Who,
  device?: Device,
): Promise<Answer> {
  const isTaken = (candidate: string) => hub.appliance(candidate) !== null;
  const attempt = id ?? freeId(body.name, isTaken);
  const adopted = device === undefined ? {} : { device };
  const answer = await hub.ask({ kind: 'add_appliance', settings: settingsOf(attempt, body), ...adopted, who });
  const isRaced = !answer.ok && answer.refusal.code === 'conflict' && id === undefined && isTaken(attempt);
  return isRaced ? addAppliance(hub, { ...body }, who, device) : answer;
}

function settingsOf(id: string, body: Omit<ApplianceBody, 'id'>): ApplianceSettings {
  const { wattage, protected: isProtected, on_power_loss: onPowerLoss, ...same } = body;
  return { id, ratedMw: wattage, isProtected, onPowerLoss, ...same };
}

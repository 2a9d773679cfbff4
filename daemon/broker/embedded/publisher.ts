import type { MqttUser } from '../../core/model.ts';
import type { Publisher } from '../port.ts';

export function publisherOf({ name, role }: MqttUser): Publisher {
  return { principal: `mqtt:${name}`, name, role };
}

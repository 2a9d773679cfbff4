import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';

const word = z.string().min(1).max(32);

/** As `Status 5` and the discovery of the device tell it: users change FullTopic, prefixes and state texts. */
export const tasmotaSettings = z.strictObject({
  ...plugFields,
  driver: z.literal('tasmota'),
  topic,
  full_topic: z.string().min(1).max(200).default('%prefix%/%topic%/'),
  prefixes: z
    .strictObject({ cmnd: word, stat: word, tele: word })
    .prefault({ cmnd: 'cmnd', stat: 'stat', tele: 'tele' }),
  channels: z.int().min(1).max(32).default(1),
  /** StateText1 and 2. */
  states: z.strictObject({ off: word, on: word }).prefault({ off: 'OFF', on: 'ON' }),
  lwt: z.strictObject({ offline: word, online: word }).prefault({ offline: 'Offline', online: 'Online' }),
  /** It measures power. */
  power: z.boolean().default(false),
});

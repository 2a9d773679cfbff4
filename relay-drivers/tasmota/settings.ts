import { z } from 'zod';
import { plugFields, topic } from '../plugs/settings.ts';
import { tasmotaTopics } from './topics.ts';

/** What is put into topics. */
const level = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[^\p{Cc}\p{Cs}+#%]+$/u, 'expected a level of a topic, without + # % and control characters');
const fullTopic = z
  .string()
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}+#]+$/u, 'expected a topic without + # and control characters')
  .refine(
    (template) => template.includes('%prefix%'),
    'expected %prefix% in it: commands and states need different topics',
  );
const word = z.string().min(1).max(32);
const different = ({ off, on }: { readonly off: string; readonly on: string }) => off !== on;

/** As `Status 5` and the discovery of the device tell it: users change FullTopic, prefixes and state texts. */
export const tasmotaSettings = z
  .strictObject({
    ...plugFields,
    driver: z.literal('tasmota'),
    topic,
    full_topic: fullTopic.default('%prefix%/%topic%/'),
    prefixes: z
      .strictObject({ cmnd: level, stat: level, tele: level })
      .prefault({ cmnd: 'cmnd', stat: 'stat', tele: 'tele' })
      .refine(
        ({ cmnd, stat, tele }) => cmnd !== stat && cmnd !== tele,
        'expected a cmnd unlike stat and tele: commands would be heard as states',
      ),
    channels: z.int().min(1).max(32).default(1),
    /** StateText1 and 2. */
    states: z
      .strictObject({ off: word, on: word })
      .prefault({ off: 'OFF', on: 'ON' })
      .refine(different, 'expected different words for off and on'),
    lwt: z
      .strictObject({ offline: word, online: word })
      .prefault({ offline: 'Offline', online: 'Online' })
      .refine(({ offline, online }) => offline !== online, 'expected different words for offline and online'),
    /** It measures power. */
    power: z.boolean().default(false),
  })
  .refine((settings) => topic.safeParse(`${tasmotaTopics(settings).cmnd}POWER`).success, {
    path: ['full_topic'],
    error: 'expected a topic of at most 16 levels and 200 characters, not below $ or voltsafe/, when all is put in',
  });

export type TasmotaSettings = z.output<typeof tasmotaSettings>;
